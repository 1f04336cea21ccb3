{% macro trino__query_history_sql(since) %}
    {#- The coordinator remembers its last queries alone, until it is started anew. -#}
    select
        json_extract_scalar(query_comment, '$.invocation_id') as invocation_id,
        query_id,
        json_extract_scalar(query_comment, '$.project') as project_name,
        json_extract_scalar(query_comment, '$.target') as target_name,
        json_extract_scalar(query_comment, '$.node_id') as unique_id,
        cast(null as varchar) as query_hash,
        case state when 'FINISHED' then 'success' else 'error' end as status,
        cast(created at time zone 'UTC' as timestamp(6)) as started_at,
        cast("end" at time zone 'UTC' as timestamp(6)) as completed_at,
        date_diff('millisecond', created, "end") / 1e3 as execution_time,
        queued_time_ms / 1e3 as queue_time,
        cast(null as bigint) as bytes_processed,
        cast(null as bigint) as bytes_billed,
        cast(null as bigint) as slot_ms,
        cast(null as double) as credits
    from (
        select
            queries.*,
            regexp_extract(query, {{ dbt_opsplugin._query_comment_pattern() }}, 1) as query_comment
        from system.runtime.queries as queries
        where created >= cast('{{ since }} UTC' as timestamp(6) with time zone)
            and "end" is not null
            and query like '%"dbt_opsplugin_version"%'
    ) as tagged
{% endmacro %}
