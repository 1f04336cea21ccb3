{% macro _build_states(unique_ids, result_rows) %}
    {#- unique_id -> how its last build in this target went: from the ops tables, and from
        this run unless another run, beside it, has built the node since. `built_as` is the
        materialization of the last that succeeded: what one that failed would have made is not there. -#}
    {% set states = {} %}
    {% set recorded = unique_ids and 'ops_results' in dbt_opsplugin._existing_ops_columns() %}
    {% for ids in dbt_opsplugin._lists_of_literals(unique_ids) if recorded %}
        {% set partial = dbt_opsplugin._form('as_value', dbt_opsplugin._is_partial_or_deferred('runs.')) %}
        {% set query %}
            select
                unique_id, status, {{ dbt_opsplugin._time_text('started_at') }},
                {{ dbt_opsplugin._time_text('completed_at') }}, partial, materialized, relation_key, age
            from (
                select
                    res.*, {{ partial }} as partial,
                    {{ dbt_opsplugin._relation_key_sql('res.') }} as relation_key,
                    row_number() over (
                        partition by res.unique_id, lower(res.database_name), lower(res.schema_name),
                            lower(res.alias)
                        order by coalesce(res.completed_at, res.recorded_at) desc, res.recorded_at desc
                    ) as age,
                    row_number() over (
                        partition by res.unique_id, lower(res.database_name), lower(res.schema_name),
                            lower(res.alias), case when res.status = 'success' then 1 else 0 end
                        order by coalesce(res.completed_at, res.recorded_at) desc, res.recorded_at desc
                    ) as age_of_status
                from {{ dbt_opsplugin.ops_relation('ops_results') }} as res
                inner join {{ dbt_opsplugin.ops_relation('ops_runs') }} as runs
                    on res.invocation_id = runs.invocation_id
                where {{ dbt_opsplugin._of_this_environment('runs') }}
                    and coalesce(res.materialized, '') <> 'ephemeral'
                    and res.unique_id in ({{ ids }})
            ) as ranked
            where age = 1 or status = 'success' and age_of_status = 1
        {% endset %}
        {% for row in dbt_opsplugin.query_rows(query) %}
            {% set node = graph.nodes[row[0]] %}
            {#- Lower case by Jinja in both: an engine has other rules for letters beyond ASCII. -#}
            {% if row[6] | lower == dbt_opsplugin._relation_key(node.database, node.schema, node.alias) %}
                {% set state = states.setdefault(row[0], {}) %}
                {% if row[7] | int == 1 %}
                    {% do state.update({
                        'status': 'without data' if row[4] else row[1], 'started_at': row[2],
                        'completed_at': row[3], 'materialized': row[5],
                    }) %}
                {% endif %}
                {% if row[1] == 'success' %}
                    {% do state.update({'built_as': row[5]}) %}
                {% endif %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% for row in result_rows
        if row['unique_id'] in unique_ids and row['materialized'] != 'ephemeral' %}
        {% set other = states.get(row['unique_id']) or {} %}
        {% if not (row['completed_at'] and other['completed_at'] and other['completed_at'] > row['completed_at']) %}
            {% set built_as = row['materialized'] if row['status'] == 'success' else other['built_as'] %}
            {% do states.update({row['unique_id']: dict(row, built_as=built_as)}) %}
        {% endif %}
    {% endfor %}
    {% do return(states) %}
{% endmacro %}


{% macro _lists_of_literals(values) %}
    {#- Texts for `in (...)`: as many as it takes for statements that the engine takes. -#}
    {%- set lists = [] %}
    {%- for group in values | batch(dbt_opsplugin.engine_facts()['max_statement_length'] // 400) %}
        {%- set literals = [] %}
        {%- for value in group %}
            {%- do literals.append(dbt_opsplugin.literal(value)) %}
        {%- endfor %}
        {%- do lists.append(literals | join(', ')) %}
    {%- endfor %}
    {%- do return(lists) %}
{%- endmacro %}


{% macro _note_what_happened_since(plan, states) %}
    {#- On each row of a node: `dropped_at`, when it was dropped last, unless it was brought back since; and
        `elsewhere`, who has built it last in another environment, and when, if that was after the first
        of the builds that are known of. -#}
    {% set names = {} %}
    {% set since = (states.values() | map(attribute='completed_at') | select | sort) or [dbt_opsplugin.utc_now()] %}
    {% set since = dbt_opsplugin._timestamp_literal(since[0]) %}
    {% set rows = plan | selectattr('unique_id') | list %}
    {% set recorded = rows and 'ops_results' in dbt_opsplugin._existing_ops_columns() %}
    {% for group in rows | batch(dbt_opsplugin.engine_facts()['max_statement_length'] // 400) if recorded %}
        {% set texts = [] %}
        {% set keys = [] %}
        {% for row in group %}
            {% do names.update({dbt_opsplugin._render(row): row, row['key']: row}) %}
            {% do texts.append(dbt_opsplugin.literal(dbt_opsplugin._render(row))) %}
            {% do keys.append('lower(' ~ dbt_opsplugin.literal(
                [row['database'] or '', row['schema'], row['identifier']] | join('.')
            ) ~ ')') %}
        {% endfor %}
        {% set query %}
            select action, relation, '-', {{ dbt_opsplugin._time_text('max(recorded_at)') }}
            from {{ dbt_opsplugin.ops_relation('ops_actions') }}
            where action in ('drop', 'restore') and status = 'success' and relation in ({{ texts | join(', ') }})
            group by action, relation
            union all
            select 'build', relation_key, environment, {{ dbt_opsplugin._time_text('max(completed_at)') }}
            from (
                select
                    {{ dbt_opsplugin._relation_key_sql('res.') }} as relation_key, res.completed_at,
                    {{ dbt_opsplugin._joined(['res.unique_id', "' in target '", 'runs.target_name']) }} as environment
                from {{ dbt_opsplugin.ops_relation('ops_results') }} as res
                inner join {{ dbt_opsplugin.ops_relation('ops_runs') }} as runs
                    on res.invocation_id = runs.invocation_id
                where not ({{ dbt_opsplugin._of_this_environment('runs') }})
                    and res.status = 'success'
                    and res.resource_type in ('model', 'seed', 'snapshot')
                    and coalesce(res.materialized, '') <> 'ephemeral'
                    {#- Of the first of them: the day's partition. -#}
                    and res.recorded_at >= {{ since }}
                    and res.completed_at >= {{ since }}
            ) as builds
            where lower(relation_key) in ({{ keys | join(', ') }})
            group by relation_key, environment
        {% endset %}
        {% for kind, name, environment, at in dbt_opsplugin.query_rows(query) if at %}
            {% set row = names.get(name | lower if kind == 'build' else name, {}) %}
            {% if kind != 'build' %}
                {% do row.update({kind ~ '_at': at}) %}
            {% elif at > row.get('elsewhere', ['', ''])[1] %}
                {% do row.update({'elsewhere': [environment, at]}) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% for row in names.values() %}
        {% set gone = row.get('drop_at') and row['drop_at'] >= row.get('restore_at', '') %}
        {% do row.update({'dropped_at': row['drop_at'] if gone else none}) %}
    {% endfor %}
{% endmacro %}
