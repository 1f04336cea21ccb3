{% macro clickhouse__query_history_sql(since) %}
    {#- Of this node, or of all of the profile's cluster; on ClickHouse Cloud the cluster is `default`, and its
        balancer sends the statements of a run to any node. A statement has a row for its start and one for its
        end; a client that sends it again, with the same id, adds a failure. The date of the partitions is of
        the server's time zone. The tag of the session has its JSON too, for texts that are cut or, where
        there is a secret in them, written anew without comments. -#}
    {% set cluster = target.cluster or dbt_opsplugin.query_rows(
        "select 'default' from system.settings where name = 'cloud_mode' and value = '1'"
    ) | map('first') | first %}
    {% set since = dbt_opsplugin._timestamp_literal(since) %}
    {% set types = dbt_opsplugin.engine_facts()['types'] %}
    {% set tag = "JSONExtract(query_comment, '%s', 'Nullable(String)')" %}
    {% set ours = "like '%\"dbt_opsplugin_version\"%'" %}
    select
        {{ tag.replace('%s', 'invocation_id') }} as invocation_id,
        query_id,
        {{ tag.replace('%s', 'project') }} as project_name,
        {{ tag.replace('%s', 'target') }} as target_name,
        {{ tag.replace('%s', 'node_id') }} as unique_id,
        toString(normalized_query_hash) as query_hash,
        if(type = 'QueryFinish', 'success', 'error') as status,
        cast(query_start_time_microseconds as {{ types['timestamp'] }}) as started_at,
        cast(
            addMilliseconds(query_start_time_microseconds, query_duration_ms) as {{ types['timestamp'] }}
        ) as completed_at,
        query_duration_ms / 1000 as execution_time,
        cast(null as {{ types['double'] }}) as queue_time,
        cast(read_bytes as {{ types['bigint'] }}) as bytes_processed,
        cast(null as {{ types['bigint'] }}) as bytes_billed,
        cast(null as {{ types['bigint'] }}) as slot_ms,
        cast(null as {{ types['double'] }}) as credits
    from (
        select
            statements.*,
            extract(query, {{ dbt_opsplugin._query_comment_pattern() }}) as found_comment,
            if(found_comment = '', log_comment, found_comment) as query_comment
        from {% if cluster -%} clusterAllReplicas({{ dbt_opsplugin.literal(cluster) }}, system.query_log)
            {%- else -%} system.query_log {%- endif %} as statements
        where event_date >= toDate({{ since }}) - 1
            and query_start_time_microseconds >= {{ since }}
            and type != 'QueryStart'
            and is_initial_query
            and (query {{ ours }} or log_comment {{ ours }})
        order by type = 'QueryFinish' desc, query_duration_ms desc
        limit 1 by query_id
    ) as tagged
{% endmacro %}
