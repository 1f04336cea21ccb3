{% macro _run_row(rows, manifest_hash) %}
    {% set counts = {} %}
    {% for row in rows %}
        {% do counts.update({row['status']: counts.get(row['status'], 0) + 1}) %}
    {% endfor %}
    {% set totals = {'success': 0, 'warn': 0, 'error': 0, 'skipped': 0} %}
    {% for status, n in counts.items() %}
        {% set group = dbt_opsplugin._status_group(status) %}
        {% do totals.update({group: totals[group] + n}) %}
    {% endfor %}
    {% set nothing_ran = not rows and dbt_opsplugin._selected_relations() %}
    {% set failed = totals['error'] or totals['skipped'] or nothing_ran %}
    {% do return(dict(
        dbt_opsplugin._orchestrator(),
        status='error' if failed else 'success',
        message='No node ran: an on-run-start hook failed' if nothing_ran else none,
        completed_at=dbt_opsplugin.utc_now(),
        elapsed_time=dbt_opsplugin._seconds_since_start(),
        node_count=rows | length,
        success_count=totals['success'],
        warn_count=totals['warn'],
        error_count=totals['error'],
        skipped_count=totals['skipped'],
        status_counts=counts,
        manifest_hash=manifest_hash,
        **dbt_opsplugin._invocation_facts()
    )) %}
{% endmacro %}


{% macro _invocation_facts() %}
    {#- What was known of the run before it began. The settings that views calculate with are
        part of it: two projects that share the tables each have their own. -#}
    {% set arguments = invocation_args_dict or {} %}
    {% set tags = dbt_opsplugin._config('tags') %}
    {% do return({
        'invocation_id': invocation_id,
        'command': flags.WHICH,
        'retry': dbt_opsplugin._is_retry(arguments.get('invocation_command') or ''),
        'project_name': project_name,
        'target_name': target.name,
        'database_name': target.database or none,
        'schema_name': target.schema,
        'adapter_type': target.type,
        'dbt_version': dbt_version,
        'package_version': dbt_opsplugin.package_version(),
        'invocation_command': dbt_opsplugin._without_vars(arguments.get('invocation_command')),
        'selected': dbt_opsplugin._words(arguments.get('select')),
        'excluded': dbt_opsplugin._words(arguments.get('exclude')),
        'selector': arguments.get('selector') or none,
        'full_refresh': true if flags.FULL_REFRESH else false,
        'empty': dbt_opsplugin._is_partial_data(),
        'defer': dbt_opsplugin._is_deferred(),
        'threads': target.threads,
        'started_at': dbt_opsplugin._timestamp(run_started_at),
        'tags': dbt_opsplugin._json_safe(tags) if tags else {},
        'price_per_hour': dbt_opsplugin._config('price_per_hour'),
        'slow_model_seconds': dbt_opsplugin._config('slow_model_seconds'),
    }) %}
{% endmacro %}


{% macro _words(selection) %}
    {#- dbt Core has a tuple, dbt v2 text. -#}
    {% if selection is string %}
        {% do return(selection.split()) %}
    {% endif %}
    {% do return(selection | list if selection else []) %}
{% endmacro %}


{% macro _selected_relations() %}
    {#- Whether anything was selected that leaves a result: dbt reports none for an ephemeral
        model, so that a run of those alone has no results and yet has not failed. -#}
    {% if selected_resources is not defined or not selected_resources %}
        {% do return(true) %}
    {% endif %}
    {% for unique_id in selected_resources %}
        {% set node = graph.nodes.get(unique_id) %}
        {% if not node or node['config'].get('materialized') != 'ephemeral' %}
            {% do return(true) %}
        {% endif %}
    {% endfor %}
    {% do return(false) %}
{% endmacro %}


{% macro _is_retry(invocation_command) %}
    {#- dbt retry runs as the command that it repeats; only what was typed tells. -#}
    {% set words = invocation_command.split() %}
    {% do return(flags.WHICH == 'retry' or ('retry' in words and flags.WHICH not in words)) %}
{% endmacro %}


{% macro _without_vars(invocation_command) %}
    {#- Vars are where secrets are typed. -#}
    {% if not invocation_command %}
        {% do return(none) %}
    {% endif %}
    {% do return(modules.re.sub(
        '(?s)(--vars)[= ]*(?:\\{.*\\}|.*?(?= -|$))', '\\1 ...', invocation_command
    )) %}
{% endmacro %}


{% macro _seconds_since_start() %}
    {#- In dbt v2, the total_seconds of a difference are whole. -#}
    {% do return(
        modules.datetime.datetime.now(modules.pytz.utc).timestamp() - run_started_at.timestamp()
    ) %}
{% endmacro %}


{% macro _status_group(status) %}
    {#- What dbt's statuses mean to a reader; one that is not known counts as an error, so
        that nothing is dropped on it. -#}
    {% do return(dbt_opsplugin._harmless_statuses().get(status, 'error')) %}
{% endmacro %}


{% macro _harmless_statuses() %}
    {% do return({
        'success': 'success', 'pass': 'success', 'no-op': 'success', 'reused': 'success',
        'warn': 'warn', 'skipped': 'skipped', 'skip': 'skipped',
    }) %}
{% endmacro %}
