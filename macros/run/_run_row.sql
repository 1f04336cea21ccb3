{% macro _run_row(rows, state) %}
    {%- set counts = {} %}
    {#- A hook of the project that failed is a result too, and no node. -#}
    {%- set nodes = rows | rejectattr('resource_type', 'equalto', 'operation') | list %}
    {%- set statuses = nodes | map(attribute='status') | list %}
    {%- for status in statuses | unique %}
        {%- do counts.update({status: statuses | select('equalto', status) | list | length}) %}
    {%- endfor %}
    {%- set totals = {'success': 0, 'warn': 0, 'error': 0, 'skipped': 0} %}
    {%- for status, n in counts.items() %}
        {%- set group = dbt_opsplugin._harmless_statuses().get(status, 'error') %}
        {%- do totals.update({group: totals[group] + n}) %}
    {%- endfor %}
    {%- set nothing_ran = not rows and dbt_opsplugin._selected_relations() %}
    {%- set hooks = rows | selectattr('resource_type', 'equalto', 'operation') %}
    {%- set failed = totals['error'] or totals['skipped'] or nothing_ran
        or hooks | rejectattr('status', 'equalto', 'success') | list %}
    {%- do return(dict(
        dbt_opsplugin._orchestrator(),
        status='error' if failed else 'success',
        message='No node ran: an on-run-start hook failed' if nothing_ran else none,
        completed_at=dbt_opsplugin.utc_now(),
        elapsed_time=modules.datetime.datetime.now(modules.pytz.utc).timestamp() - run_started_at.timestamp(),
        node_count=nodes | length,
        success_count=totals['success'],
        warn_count=totals['warn'],
        error_count=totals['error'],
        skipped_count=totals['skipped'],
        status_counts=counts,
        manifest_hash=state['manifest_hash'],
        node_version_count=none if state['changed'] else state['versions'],
        **dbt_opsplugin._invocation_facts()
    )) %}
{%- endmacro %}


{% macro _invocation_facts() %}
    {#- What was known of the run before it began. The settings that views calculate with are
        part of it: two projects that share the tables each have their own. That it is a retry only what
        was typed tells, since dbt runs as the command that it repeats; but vars are where secrets are
        typed. -#}
    {%- set arguments = invocation_args_dict or {} %}
    {%- set typed = arguments.get('invocation_command') or '' %}
    {%- set tags = dbt_opsplugin._config('tags') %}
    {%- do return({
        'invocation_id': invocation_id,
        'command': flags.WHICH,
        'retry': flags.WHICH == 'retry' or 'retry' in typed.split() and flags.WHICH not in typed.split(),
        'project_name': project_name,
        'target_name': target.name,
        'database_name': target.database or none,
        'schema_name': target.schema,
        'adapter_type': target.type,
        'dbt_version': dbt_version,
        'package_version': dbt_opsplugin.package_version(),
        'invocation_command': modules.re.sub(
            '(?s)(--vars)[= ]*(?:\\{.*\\}|.*$)', '\\1 ...', typed
        ) or none,
        'selected': dbt_opsplugin._words(arguments.get('select')),
        'excluded': dbt_opsplugin._words(arguments.get('exclude')),
        'selector': arguments.get('selector') or none,
        'full_refresh': true if flags.FULL_REFRESH else false,
        'empty': dbt_opsplugin._is_partial_data(),
        'defer': dbt_opsplugin._is_deferred() if flags.DEFER or arguments.get('defer') else false,
        'threads': target.threads,
        'started_at': run_started_at.astimezone(modules.pytz.utc).strftime('%Y-%m-%d %H:%M:%S.%f'),
        'tags': dbt_opsplugin._json_safe(tags) if tags else {},
        'price_per_hour': dbt_opsplugin._config('price_per_hour'),
        'slow_model_seconds': dbt_opsplugin._config('slow_model_seconds'),
    }) %}
{%- endmacro %}


{% macro _words(selection) %}
    {#- dbt Core has a tuple, dbt v2 text. -#}
    {%- if selection is string %}
        {%- do return(selection.split()) %}
    {%- endif %}
    {%- do return(selection | list if selection else []) %}
{%- endmacro %}


{% macro _selected_relations() %}
    {#- Whether anything was selected that leaves a result: dbt reports none for an ephemeral
        model, so that a run of those alone has no results and yet has not failed. -#}
    {%- if selected_resources is not defined or not selected_resources %}
        {%- do return(true) %}
    {%- endif %}
    {%- for unique_id in selected_resources %}
        {%- set node = graph.nodes.get(unique_id) %}
        {%- if not node or node['config'].get('materialized') != 'ephemeral' %}
            {%- do return(true) %}
        {%- endif %}
    {%- endfor %}
    {%- do return(false) %}
{%- endmacro %}


{% macro _harmless_statuses() %}
    {#- What dbt's statuses mean to a reader; one that is not known counts as an error, so
        that nothing is dropped on it. -#}
    {%- do return({
        'success': 'success', 'pass': 'success', 'no-op': 'success', 'reused': 'success',
        'warn': 'warn', 'skipped': 'skipped', 'skip': 'skipped',
    }) %}
{%- endmacro %}
