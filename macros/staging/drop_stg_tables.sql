{% macro drop_stg_tables(dry_run=false, force=false, orphans=false, backup=none, backup_path=none, backup_set=none) %}
    {%- do dbt_opsplugin._validate_arguments(
        'drop_stg_tables', kwargs,
        ['dry_run', 'force', 'orphans', 'backup', 'backup_path', 'backup_set']
    ) %}
    {%- if not execute %}
        {%- do return('') %}
    {%- elif flags.WHICH != 'run-operation' %}
        {%- do return(dbt_opsplugin._drop_in_hook(
            dry_run or force or orphans or backup is not none or backup_path is not none
            or backup_set is not none
        )) %}
    {%- endif %}
    {%- do dbt_opsplugin._validate_configuration() %}
    {%- for argument, value in {'dry_run': dry_run, 'force': force, 'orphans': orphans}.items() %}
        {%- do dbt_opsplugin._require_boolean('drop_stg_tables', argument, value) %}
    {%- endfor %}
    {%- set options = dbt_opsplugin._backup_options('drop_stg_tables', backup, backup_path, backup_set) %}
    {%- if not dbt_opsplugin._is_production() and not force %}
        {%- do dbt_opsplugin._fail(
            'drop_stg_tables', 'target ' ~ target.name ~ ' is not production',
            dbt_opsplugin._production_remedy()
        ) %}
    {%- endif %}
    {%- set refusal = '' if force else dbt_opsplugin._history_refusal() %}
    {%- if refusal and not dry_run %}
        {%- do dbt_opsplugin._fail(
            'drop_stg_tables', 'nothing is dropped, since ' ~ refusal,
            'run dbt build (or dbt run and dbt test) first, or pass force: true'
        ) %}
    {%- endif %}
    {%- do dbt_opsplugin._lock_drops(true) %}
    {%- set plan = dbt_opsplugin._drop_plan([], orphans, force, options['kind']) %}
    {%- do dbt_opsplugin._print_plan(plan, dry_run or refusal != '', options) %}
    {%- if refusal %}
        {%- do dbt_opsplugin._log('drop_stg_tables', 'this would be refused, since ' ~ refusal, dry_run) %}
    {%- elif not dry_run %}
        {%- do dbt_opsplugin._carry_out(plan, options) %}
    {%- elif options['kind'] %}
        {%- do dbt_opsplugin._check_backup_plan(plan | selectattr('decision', 'equalto', 'drop') | list, options) %}
    {%- endif %}
    {%- do dbt_opsplugin._lock_drops(false) %}
    {%- do return('') %}
{%- endmacro %}


{% macro _lock_drops(take) %}
    {#- Around the plan and what it says, since another command of this target may be dropping. One that fails in
        between frees the lock with its connection. Committed, which a lock of the session outlives: a query
        would leave a transaction open. -#}
    {%- for statements in [dbt_opsplugin.engine_facts()['drop_lock']] if statements %}
        {%- do dbt_opsplugin.run_transaction([statements[0 if take else 1]]) %}
    {%- endfor %}
{%- endmacro %}


{% macro _drop_in_hook(has_arguments) %}
    {#- Called from a hook or a model. As a model's post-hook it can only ask for the drop:
        what else the run builds and tests is not known before its end, where
        _drop_is_a_post_hook finds it. In the project's own on-run-end it acts at once. -#}
    {%- if not dbt_opsplugin._is_recorded_command() %}
        {%- do return('') %}
    {%- elif has_arguments %}
        {%- do dbt_opsplugin._fail(
            'drop_stg_tables', 'a hook takes no arguments',
            'set the vars opsplugin_backup, opsplugin_backup_path and so on instead'
        ) %}
    {%- elif results is defined %}
        {%- do dbt_opsplugin._drop_at_run_end(results, true) %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}


{% macro _drop_is_a_post_hook(results) %}
    {#- Of a model that this run built. A condition or a comment around the call cannot be evaluated here: only
        the call alone asks for anything. After dbt run, dbt test stands for the whole. -#}
    {%- set asking = [] %}
    {%- for unique_id, node in graph.nodes.items()
        if node['config'] and (node['config']['post-hook'] or 'post_hook' in node['config']) %}
        {%- for text in dbt_opsplugin._hook_texts(node['config'], ['post-hook', 'post_hook'])
            if 'dbt_opsplugin.drop_stg_tables' in text and modules.re.match(
                '\\s*[{][{]-?\\s*dbt_opsplugin[.]drop_stg_tables[(]\\s*[)]\\s*-?[}][}]\\s*;?\\s*$', text
            ) %}
            {%- do asking.append(unique_id) %}
        {%- endfor %}
    {%- endfor %}
    {%- if asking and flags.WHICH == 'test' %}
        {%- do return(true) %}
    {%- elif asking %}
        {%- for result in results or [] if result.node.unique_id in asking %}
            {%- do return(true) %}
        {%- endfor %}
    {%- endif %}
    {%- do return(false) %}
{%- endmacro %}


{% macro _drop_at_run_end(results, uncounted) %}
    {%- if not dbt_opsplugin._is_production() or flags.WHICH not in ('build', 'run', 'test') %}
        {%- do return('') %}
    {%- endif %}
    {%- set refusal = dbt_opsplugin._run_end_refusal(results) %}
    {%- if refusal %}
        {%- do dbt_opsplugin._log('drop_stg_tables', 'nothing is dropped, since ' ~ refusal) %}
        {%- do return('') %}
    {%- endif %}
    {%- set options = dbt_opsplugin._backup_options('drop_stg_tables', none, none, none) %}
    {%- do dbt_opsplugin._lock_drops(true) %}
    {%- set rows = dbt_opsplugin._result_rows(results) %}
    {%- set plan = dbt_opsplugin._drop_plan(rows, false, false, options['kind']) %}
    {%- do dbt_opsplugin._print_plan(plan, false, options) %}
    {%- do dbt_opsplugin._carry_out(plan, options, rows if uncounted else []) %}
    {%- do dbt_opsplugin._lock_drops(false) %}
    {%- do return('') %}
{%- endmacro %}


{% macro _carry_out(plan, options, uncounted=[]) %}
    {#- Backs up first, each copy verified; then drops and writes the audit rows
        (run_actions). Anything that goes wrong before leaves every relation where it is. What this run
        built and nobody has counted yet is counted, since whoever does comes after the drop: a recorder,
        or our own hook after one of the project. -#}
    {%- set doomed = plan | selectattr('decision', 'equalto', 'drop') | list %}
    {%- if not doomed %}
        {#- Of no staging at all, the plan has said so. -#}
        {%- if plan %}{% do dbt_opsplugin._log('drop_stg_tables', 'nothing to drop') %}{% endif %}
        {%- do return('') %}
    {%- endif %}
    {%- do dbt_opsplugin._ensure_ops_tables() %}
    {%- if uncounted and dbt_opsplugin._config('row_counts') and dbt_opsplugin._is_enabled() %}
        {%- do dbt_opsplugin._count_built_tables(
            uncounted | selectattr('unique_id', 'in', doomed | map(attribute='unique_id') | list) | list
        ) %}
    {%- endif %}
    {%- if options['kind'] %}
        {%- do dbt_opsplugin._back_up(doomed, options) %}
    {%- endif %}
    {%- set actions = [] %}
    {%- for row in doomed %}
        {%- set statement = adapter.dispatch('drop_relation_sql', 'dbt_opsplugin')(row) %}
        {%- do actions.append([statement, dbt_opsplugin._action_row(
            'drop', 'success', relation=dbt_opsplugin._render(row), unique_id=row['unique_id'],
            reason=row['reason'], details={
                'type': row['type'], 'rows': row['rows'], 'bytes': row['bytes'],
                'definition': row['definition'], 'backup': options['kind'],
                'backup_set': options['set'] if options['kind'] else none,
            }
        )]) %}
    {%- endfor %}
    {%- do dbt_opsplugin.run_actions(actions) %}
    {%- do dbt_opsplugin._log('drop_stg_tables', 'dropped ' ~ doomed | length ~ (
        ' (backup set ' ~ options['set'] ~ ')' if options['kind'] else ''
    )) %}
    {%- if options['kind'] %}
        {%- do dbt_opsplugin._expire_backups('drop_stg_tables', except_set=options['set']) %}
    {%- endif %}
{%- endmacro %}
