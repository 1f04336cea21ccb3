{% macro restore_stg_tables(backup_set=none, relations=none, dry_run=false, force=false, replace=false) %}
    {%- do dbt_opsplugin._validate_arguments(
        'restore_stg_tables', kwargs, ['backup_set', 'relations', 'dry_run', 'force', 'replace']
    ) %}
    {%- if not execute or flags.WHICH != 'run-operation' %}
        {%- do return('') %}
    {%- endif %}
    {%- do dbt_opsplugin._validate_configuration() %}
    {%- for argument, value in {'dry_run': dry_run, 'force': force, 'replace': replace}.items() %}
        {%- do dbt_opsplugin._require_boolean('restore_stg_tables', argument, value) %}
    {%- endfor %}
    {%- if not dbt_opsplugin._is_production() and not force %}
        {%- do dbt_opsplugin._fail(
            'restore_stg_tables', 'target ' ~ target.name ~ ' is not production',
            dbt_opsplugin._production_remedy()
        ) %}
    {%- endif %}
    {%- set of_set = dbt_opsplugin._backups_of_set(backup_set) %}
    {%- set chosen = dbt_opsplugin._named_backups(of_set, relations) %}
    {%- do dbt_opsplugin._check_restorable(chosen, of_set, replace) %}
    {%- set table = [['relation', 'type', 'rows', 'backup']] %}
    {%- for backup in chosen | sort(attribute='relation') %}
        {%- set details = backup['details'] %}
        {%- do table.append([
            backup['relation'], details['type'],
            '-' if details['rows'] is none else dbt_opsplugin._thousands(details['rows']),
            details['location'] or 'definition',
        ]) %}
    {%- endfor %}
    {%- do dbt_opsplugin._print_table('restore_stg_tables', 'backup set ' ~ chosen[0]['details']['set']
        ~ (' (nothing is changed)' if dry_run else ''), table, dry_run) %}
    {%- if not dry_run %}
        {%- set replaced = dbt_opsplugin._back_up_what_is_replaced(chosen) %}
        {%- do dbt_opsplugin._restore(chosen) %}
        {%- do dbt_opsplugin._log('restore_stg_tables', 'restored ' ~ chosen | length ~ (
            '; what was replaced is in backup set ' ~ replaced if replaced else ''
        )) %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}


{% macro _backups_of_set(backup_set) %}
    {#- The backups of the named set, or of the last. -#}
    {%- set backups = dbt_opsplugin._recorded_backups() %}
    {%- set sets = [] %}
    {%- for backup in backups if backup['details']['set'] not in sets %}
        {%- do sets.append(backup['details']['set']) %}
    {%- endfor %}
    {%- if not sets %}
        {%- do dbt_opsplugin._fail(
            'restore_stg_tables', 'no backup of target ' ~ target.name ~ ' is recorded in '
            ~ dbt_opsplugin.ops_relation('ops_actions'), 'drop with a backup first'
        ) %}
    {%- endif %}
    {%- set wanted = sets[-1] if backup_set is none else backup_set | string %}
    {%- if wanted not in sets %}
        {%- do dbt_opsplugin._fail(
            'restore_stg_tables', 'there is no backup set ' ~ wanted,
            'did you mean ' ~ dbt_opsplugin._nearest(wanted, sets) ~ '? Recorded: ' ~ sets[-10:] | join(', ')
        ) %}
    {%- endif %}
    {%- set of_set = backups | selectattr('details.set', 'equalto', wanted) | list %}
    {%- for backup in of_set if backup['details']['created'] %}
        {#- One table, which two sets would have the engine bring back: it is what it was when it was dropped last. -#}
        {%- set same = backups | selectattr('relation', 'equalto', backup['relation'])
            | selectattr('details.created', 'equalto', backup['details']['created']) | list | last %}
        {%- if same['details']['set'] != wanted %}
            {%- do backup['details'].update({'dropped_again': same['details']['set']}) %}
        {%- endif %}
    {%- endfor %}
    {%- do return(of_set) %}
{%- endmacro %}


{% macro _named_backups(of_set, relations) %}
    {#- All, or those of the named relations (by alias, schema.alias or unique_id), as they were dropped. -#}
    {%- if relations is none %}
        {%- do return(of_set) %}
    {%- endif %}
    {%- if relations is mapping or relations is not iterable %}
        {%- do dbt_opsplugin._fail(
            'restore_stg_tables', 'relations is ' ~ (relations | tojson) ~ ', not a name or a list of names',
            'pass relations: [stg_a, stg_b], or leave it out to restore all'
        ) %}
    {%- endif %}
    {%- set names = {} %}
    {%- for backup in of_set %}
        {%- set details = backup['details'] %}
        {%- for name in [
            details['identifier'], details['schema'] ~ '.' ~ details['identifier'],
            backup['unique_id']
        ] if name %}
            {%- do names.setdefault(name | lower, []).append(backup) %}
        {%- endfor %}
    {%- endfor %}
    {%- set chosen = [] %}
    {%- for name in ([relations] if relations is string else relations) %}
        {%- set found = names.get(name | string | lower, []) %}
        {%- if found | length > 1 %}
            {%- set clear = [] %}
            {%- for other, of_name in names.items() if of_name | length == 1 and of_name[0] in found %}
                {%- do clear.append(other) %}
            {%- endfor %}
            {%- do dbt_opsplugin._fail(
                'restore_stg_tables', name ~ ' is more than once in backup set ' ~ of_set[0]['details']['set'],
                'name it by its schema or model: ' ~ clear | join(', ')
            ) %}
        {%- elif not found %}
            {%- do dbt_opsplugin._fail(
                'restore_stg_tables', name ~ ' is not in backup set ' ~ of_set[0]['details']['set'],
                'did you mean ' ~ dbt_opsplugin._nearest(name | string, names | list) ~ '? It holds: '
                ~ names | join(', ')
            ) %}
        {%- endif %}
        {%- do chosen.append(found[0]['action_id']) %}
    {%- endfor %}
    {%- if not chosen %}
        {%- do dbt_opsplugin._fail(
            'restore_stg_tables', 'relations is empty', 'name some, or leave it out to restore all'
        ) %}
    {%- endif %}
    {%- do return(of_set | selectattr('action_id', 'in', chosen) | list) %}
{%- endmacro %}
