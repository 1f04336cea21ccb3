{% macro redshift__query_history_sql(since) %}
    {#- A text is kept in parts, with its backslashes doubled; of a long one the parts that may hold a comment at
        its start or end, since all of it may be more than a value holds. -#}
    {% set since = dbt_opsplugin._timestamp_literal(since) %}
    {% set tag = "nullif(json_extract_path_text(query_comment, '%s', true), '')" %}
    select
        {{ tag.replace('%s', 'invocation_id') }} as invocation_id,
        cast(query_id as varchar(65535)) as query_id,
        {{ tag.replace('%s', 'project') }} as project_name,
        {{ tag.replace('%s', 'target') }} as target_name,
        {{ tag.replace('%s', 'node_id') }} as unique_id,
        cast(trim(generic_query_hash) as varchar(65535)) as query_hash,
        case trim(status) when 'success' then 'success' else 'error' end as status,
        start_time as started_at,
        end_time as completed_at,
        elapsed_time / 1000000.0 as execution_time,
        queue_time / 1000000.0 as queue_time,
        cast(null as bigint) as bytes_processed,
        cast(null as bigint) as bytes_billed,
        cast(null as bigint) as slot_ms,
        cast(null as double precision) as credits
    from (
        select
            statements.*,
            replace(
                regexp_substr(texts.query_text, {{ dbt_opsplugin._query_comment_pattern() }}, 1, 1, 'e'),
                repeat(chr(92), 2), chr(92)
            ) as query_comment
        from sys_query_history as statements
        inner join (
            select query_id, listagg(text) within group (order by sequence) as query_text
            from (
                select query_id, text, sequence, max(sequence) over (partition by query_id) as last_sequence
                from sys_query_text
                where start_time >= {{ since }}
            ) as parts
            where sequence < 4 or sequence > last_sequence - 4
            group by query_id
        ) as texts on statements.query_id = texts.query_id
        where statements.start_time >= {{ since }}
            and statements.status in ('success', 'failed', 'canceled')
            and texts.query_text like '%"dbt_opsplugin_version"%'
    ) as tagged
{% endmacro %}
