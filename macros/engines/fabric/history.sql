{% macro fabric__query_history_sql(since) %}
    {#- A text is kept to 8,000 characters. Times are of UTC. Capacity is billed, no statement. -#}
    {% set tag = "json_value(query_comment, '$.%s')" %}
    select
        {{ tag.replace('%s', 'invocation_id') }} as invocation_id,
        cast(distributed_statement_id as varchar(36)) as query_id,
        {{ tag.replace('%s', 'project') }} as project_name,
        {{ tag.replace('%s', 'target') }} as target_name,
        {{ tag.replace('%s', 'node_id') }} as unique_id,
        query_hash as query_hash,
        case status when 'Succeeded' then 'success' else 'error' end as status,
        cast(start_time as datetime2(6)) as started_at,
        cast(end_time as datetime2(6)) as completed_at,
        total_elapsed_time_ms / 1000e0 as execution_time,
        datediff(millisecond, submit_time, start_time) / 1000e0 as queue_time,
        cast((data_scanned_remote_storage_mb + data_scanned_memory_mb + data_scanned_disk_mb) * 1048576e0 as bigint)
            as bytes_processed,
        cast(null as bigint) as bytes_billed,
        cast(null as bigint) as slot_ms,
        cast(null as float) as credits
    from (
        select
            commented.*,
            case
                when isjson(substring(command, starts_at + 2, ends_at - starts_at - 2)) = 1
                    then substring(command, starts_at + 2, ends_at - starts_at - 2)
            end as query_comment
        from (
            select
                started.*,
                coalesce(nullif(charindex('*/', command, starts_at), 0), starts_at + 2) as ends_at
            from (
                select
                    requests.*,
                    charindex('/* {"app": "dbt"', command) as starts_at
                from queryinsights.exec_requests_history as requests
                where start_time >= {{ dbt_opsplugin._timestamp_literal(since) }}
                    and command like '%"dbt_opsplugin_version"%'
            ) as started
            where starts_at > 0
        ) as commented
    ) as tagged
    where query_comment is not null
{% endmacro %}
