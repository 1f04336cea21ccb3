{% macro _result_rows(results) %}
    {#- One row per result of the run. `results` is walked once and few of its fields are
        read: in dbt v2 each access converts the whole node. -#}
    {% set rows = [] %}
    {% for result in results %}
        {% set node = result.node %}
        {% set config = node.config or {} %}
        {% set response = result.adapter_response or {} %}
        {% set meta = (config.meta if config.meta is mapping else none) or {} %}
        {% set affected = response.get('rows_affected') %}
        {% set row = {
            'invocation_id': invocation_id,
            'unique_id': node.unique_id,
            'attempt': 1,
            'resource_type': node.resource_type | string,
            'name': node.name,
            'package_name': node.package_name,
            'status': result.status | string,
            'execution_time': result.execution_time,
            'thread_id': result.thread_id,
            'rows_affected': affected if affected is number and affected >= 0 else none,
            'bytes_processed': response.get('bytes_processed'),
            'query_id': response.get('query_id') or response.get('job_id'),
            'message': (result.message | string) if result.message else none,
            'failures': result.failures if result.failures is number else none,
            'adapter_response': response,
            'materialized': config.materialized if config.materialized is string else none,
            'database_name': node.database if node.database is string else none,
            'schema_name': node.schema if node.schema is string else none,
            'alias': node.alias if node.alias is string else none,
            'tags': node.tags | list if node.tags else [],
            'owner': (meta['owner'] | string) if meta.get('owner') else none,
        } %}
        {% for timing in result.timing or [] if timing.completed_at %}
            {% set seconds = none if timing.started_at is string
                else (timing.completed_at - timing.started_at).total_seconds() %}
            {% do row.update({
                (timing.name | string) ~ '_time': seconds,
                'completed_at': dbt_opsplugin._timestamp(timing.completed_at),
            }) %}
            {% do row.setdefault('started_at', dbt_opsplugin._timestamp(timing.started_at)) %}
        {% endfor %}
        {% set batches = result.batch_results %}
        {% if batches %}
            {% do row.update({'batch_results': {
                'successful': batches.successful | length, 'failed': batches.failed | length
            }}) %}
        {% endif %}
        {% if row['resource_type'] == 'source' %}
            {% if result.max_loaded_at %}
                {% do row.update({
                    'max_loaded_at': dbt_opsplugin._timestamp(result.max_loaded_at),
                    'max_loaded_at_time_ago_in_s': result.age,
                }) %}
            {% endif %}
        {% endif %}
        {% do rows.append(row) %}
    {% endfor %}
    {% do return(rows) %}
{% endmacro %}


{% macro _timestamp(value) %}
    {#- dbt's times are UTC: datetimes in Core, with or without an offset, or ISO text. -#}
    {% if not value %}
        {% do return(none) %}
    {% endif %}
    {% do return((value | string).replace('T', ' ').replace('Z', '').split('+')[0]) %}
{% endmacro %}


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
    {% set arguments = invocation_args_dict or {} %}
    {% set now = dbt_opsplugin.utc_now() %}
    {% set row = dbt_opsplugin._orchestrator() %}
    {% do row.update({
        'invocation_id': invocation_id,
        'command': flags.WHICH,
        'status': 'error' if totals['error'] or not rows else 'success',
        'message': none if rows else 'No node ran: an on-run-start hook failed',
        'project_name': project_name,
        'target_name': target.name,
        'database_name': target.database,
        'schema_name': target.schema,
        'adapter_type': target.type,
        'dbt_version': dbt_version,
        'package_version': dbt_opsplugin.package_version(),
        'invocation_command': arguments.get('invocation_command'),
        'selected': arguments.get('select') | list if arguments.get('select') else [],
        'excluded': arguments.get('exclude') | list if arguments.get('exclude') else [],
        'selector': (arguments.get('selector') or none),
        'full_refresh': true if flags.FULL_REFRESH else false,
        'empty': dbt_opsplugin._is_partial_data(),
        'defer': true if flags.DEFER else false,
        'threads': target.threads,
        'started_at': dbt_opsplugin._timestamp(run_started_at),
        'completed_at': now,
        'elapsed_time': dbt_opsplugin._seconds_since_start(),
        'node_count': rows | length,
        'success_count': totals['success'],
        'warn_count': totals['warn'],
        'error_count': totals['error'],
        'skipped_count': totals['skipped'],
        'status_counts': counts,
        'manifest_hash': manifest_hash,
        'tags': dbt_opsplugin._config('tags'),
    }) %}
    {% do return(row) %}
{% endmacro %}


{% macro _seconds_since_start() %}
    {% do return(
        (modules.datetime.datetime.now(modules.pytz.utc) - run_started_at).total_seconds()
    ) %}
{% endmacro %}


{% macro _status_group(status) %}
    {#- What dbt's statuses mean to a reader; one that is not known counts as an error, so
        that nothing is dropped on it. -#}
    {% if status in ('success', 'pass', 'no-op', 'reused') %}
        {% do return('success') %}
    {% elif status == 'warn' %}
        {% do return('warn') %}
    {% elif status in ('skipped', 'skip') %}
        {% do return('skipped') %}
    {% endif %}
    {% do return('error') %}
{% endmacro %}
