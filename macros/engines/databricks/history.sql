{% macro databricks__query_history_sql(since) %}
    {#- A statement has no share in the bill there (system.billing.usage goes by warehouse and hour). Its hash
        is not kept. -#}
    select
        get_json_object(query_comment, '$.invocation_id') as invocation_id,
        statement_id as query_id,
        get_json_object(query_comment, '$.project') as project_name,
        get_json_object(query_comment, '$.target') as target_name,
        get_json_object(query_comment, '$.node_id') as unique_id,
        cast(null as string) as query_hash,
        case execution_status when 'FINISHED' then 'success' else 'error' end as status,
        convert_timezone('UTC', start_time) as started_at,
        convert_timezone('UTC', end_time) as completed_at,
        total_duration_ms / 1000 as execution_time,
        (
            coalesce(waiting_for_compute_duration_ms, 0) + coalesce(waiting_at_capacity_duration_ms, 0)
        ) / 1000 as queue_time,
        read_bytes as bytes_processed,
        cast(null as bigint) as bytes_billed,
        cast(null as bigint) as slot_ms,
        cast(null as double) as credits
    from (
        select
            statements.*,
            regexp_extract(statement_text, {{ dbt_opsplugin._query_comment_pattern() }}, 1) as query_comment
        from system.query.history as statements
        where start_time >= cast('{{ since }}+00:00' as timestamp)
            and end_time is not null
            and statement_text like '%"dbt_opsplugin_version"%'
    ) as tagged
{% endmacro %}
