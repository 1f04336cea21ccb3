{% macro snowflake__query_history_sql(since) %}
    {#- Of statements over 100,000 characters the history has the start, so a comment at their end is gone; the
        tag of the session has its JSON too. Credits are those of the statement alone, without the time
        for which the warehouse stood idle. -#}
    {% set since = "to_timestamp_tz('" ~ since ~ " +00:00')" %}
    {% set ours = "like '%\"dbt_opsplugin_version\"%'" %}
    select
        cast(query_comment['invocation_id'] as varchar) as invocation_id,
        query_id,
        cast(query_comment['project'] as varchar) as project_name,
        cast(query_comment['target'] as varchar) as target_name,
        cast(query_comment['node_id'] as varchar) as unique_id,
        query_hash,
        case lower(execution_status) when 'success' then 'success' else 'error' end as status,
        cast(convert_timezone('UTC', start_time) as timestamp_ntz) as started_at,
        cast(convert_timezone('UTC', end_time) as timestamp_ntz) as completed_at,
        total_elapsed_time / 1000 as execution_time,
        (queued_provisioning_time + queued_repair_time + queued_overload_time) / 1000 as queue_time,
        bytes_scanned as bytes_processed,
        cast(null as bigint) as bytes_billed,
        cast(null as bigint) as slot_ms,
        credits
    from (
        select
            statements.*,
            attributed.credits_attributed_compute
                + coalesce(attributed.credits_used_query_acceleration, 0) as credits,
            try_parse_json(coalesce(
                regexp_substr(statements.query_text, {{ dbt_opsplugin._query_comment_pattern() }}, 1, 1, 'e', 1),
                statements.query_tag
            )) as query_comment
        from snowflake.account_usage.query_history as statements
        left join snowflake.account_usage.query_attribution_history as attributed
            on statements.query_id = attributed.query_id and attributed.start_time >= {{ since }}
        where statements.start_time >= {{ since }}
            and statements.end_time is not null
            and (statements.query_text {{ ours }} or statements.query_tag {{ ours }})
    ) as tagged
{% endmacro %}
