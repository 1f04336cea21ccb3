{% macro ops_tables() %}
    {#- table -> columns in order with their portable types, and the key by which a row that
        is delivered twice is recognised. Only ever add columns: purge and migration rely on
        append-only tables. As text, which every dbt process takes up much faster than
        a mapping of this size. -#}
    {%- set declared = {
        'ops_runs (invocation_id)': '
            invocation_id string, command string, status string, project_name string,
            target_name string, database_name string, schema_name string, adapter_type string,
            dbt_version string, package_version string, invocation_command string,
            selected json, excluded json, selector string, full_refresh boolean, empty boolean,
            defer boolean, retry boolean, threads bigint, started_at timestamp,
            completed_at timestamp, elapsed_time double, parse_time double, node_count bigint,
            success_count bigint, warn_count bigint, error_count bigint, skipped_count bigint,
            status_counts json, message string, git_sha string, git_branch string,
            orchestrator string, orchestrator_job_id string, orchestrator_run_id string,
            orchestrator_url string, host string, performed_by string, peak_memory bigint,
            cpu_time double, manifest_hash string, tags json, price_per_hour double,
            slow_model_seconds double, warning_count bigint, deprecation_count bigint,
            node_version_count bigint, recorded_at timestamp
        ',
        'ops_results (invocation_id, unique_id, attempt)': '
            invocation_id string, unique_id string, attempt bigint, resource_type string,
            name string, package_name string, status string, started_at timestamp,
            completed_at timestamp, execution_time double, compile_time double,
            execute_time double, queue_time double, thread_id string, rows_affected bigint,
            bytes_processed bigint, query_id string, message string, failures bigint,
            adapter_response json, batch_results json, materialized string,
            database_name string, schema_name string, alias string, tags json, owner string,
            max_loaded_at timestamp, max_loaded_at_time_ago_in_s double, statement_count bigint,
            statement_time double, cpu_time double, rows_scanned bigint, peak_memory bigint,
            retry_count bigint, recorded_at timestamp
        ',
        'ops_metrics (invocation_id, unique_id, metric)': '
            invocation_id string, unique_id string, metric string, value double,
            recorded_at timestamp
        ',
        'ops_nodes (unique_id, invocation_id)': '
            project_name string, target_name string, target_schema string, unique_id string,
            node_hash string, removed boolean, checksum string, resource_type string,
            name string, package_name string, path string, database_name string,
            schema_name string, alias string, materialized string, staging boolean, tags json,
            owner string, depends_on json, invocation_id string, recorded_at timestamp
        ',
        'ops_actions (action_id)': '
            action_id string, invocation_id string, action string, status string,
            project_name string, target_name string, schema_name string, unique_id string,
            relation string, reason string, details json, performed_by string,
            recorded_at timestamp
        ',
        'ops_queries (invocation_id, query_number)': '
            invocation_id string, query_number bigint, unique_id string, query_hash string,
            query_tag json, status string, started_at timestamp, execution_time double,
            rows_affected bigint, query_id string, recorded_at timestamp
        ',
        'ops_query_history (invocation_id, query_id)': '
            invocation_id string, query_id string, project_name string, target_name string,
            unique_id string, query_hash string, status string, started_at timestamp,
            completed_at timestamp, execution_time double, queue_time double,
            bytes_processed bigint, bytes_billed bigint, slot_ms bigint, credits double,
            cost double, recorded_at timestamp
        ',
    } %}
    {%- set tables = {} %}
    {%- for heading, text in declared.items() %}
        {%- set columns = {} %}
        {%- for column in text.split(',') %}
            {%- set name, type = column.split() %}
            {%- do columns.update({name: type}) %}
        {%- endfor %}
        {%- set table, key = heading.rstrip(')').split(' (') %}
        {%- do tables.update({table: {'key': key.split(', '), 'columns': columns}}) %}
    {%- endfor %}
    {%- do return(tables) %}
{%- endmacro %}


{% macro ops_relation(name) %}
    {#- The relation of an ops table or view, in opsplugin_schema of the target's database. -#}
    {%- do return(dbt_opsplugin._relation_of_ours(
        dbt_opsplugin._config('database') or target.database or none, dbt_opsplugin._config('schema'), name
    )) %}
{%- endmacro %}


{% macro _relation_of_ours(database, schema, name) %}
    {#- In a schema that a var names: as dbt would write it, and quoted where it must be. -#}
    {%- set relation = api.Relation.create(database=database, schema=schema, identifier=name) %}
    {%- if dbt_opsplugin.engine_facts()['writes_unquoted'] and modules.re.sub('[A-Za-z0-9_]', '', schema) %}
        {%- do return(relation.quote(schema=true)) %}
    {%- endif %}
    {%- do return(relation) %}
{%- endmacro %}
