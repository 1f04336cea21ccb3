{% macro bigquery__query_history_sql(since) %}
    {#- Jobs of the project that pays and of the location that dbt uses, by creation_time, by which they are
        partitioned. The job of a script has the sums of its statements, which are jobs too. In a
        reservation bytes are not what is billed. One group is all that regexp_extract takes. -#}
    {% set location = target.location or adapter.get_dataset_location(dbt_opsplugin.ops_relation('x')) %}
    {% set pattern = dbt_opsplugin._query_comment_pattern().replace('([*]', '(?:[*]') %}
    {% set jobs = dbt_opsplugin._quoted([
        target.execution_project or target.database, 'region-' ~ location | lower
    ]) ~ '.INFORMATION_SCHEMA.JOBS' %}
    select
        safe.json_value(query_comment, '$.invocation_id') as invocation_id,
        query_id,
        safe.json_value(query_comment, '$.project') as project_name,
        safe.json_value(query_comment, '$.target') as target_name,
        safe.json_value(query_comment, '$.node_id') as unique_id,
        query_hash, status, started_at, completed_at, execution_time, queue_time,
        bytes_processed, bytes_billed, slot_ms,
        cast(null as float64) as credits
    from (
        select
            job_id as query_id,
            regexp_extract(query, {{ pattern }}) as query_comment,
            query_info.query_hashes.normalized_literals as query_hash,
            if(error_result is null, 'success', 'error') as status,
            creation_time as started_at,
            end_time as completed_at,
            timestamp_diff(end_time, creation_time, millisecond) / 1000 as execution_time,
            timestamp_diff(start_time, creation_time, millisecond) / 1000 as queue_time,
            total_bytes_processed as bytes_processed,
            if(reservation_id is null, total_bytes_billed, null) as bytes_billed,
            total_slot_ms as slot_ms
        from {{ jobs }}
        where creation_time >= {{ dbt_opsplugin._timestamp_literal(since) }}
            and parent_job_id is null
            and state = 'DONE'
            and query like '%"dbt_opsplugin_version"%'
    ) as tagged
{% endmacro %}
