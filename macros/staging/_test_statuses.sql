{% macro _tests_of(row, consumers, children) %}
    {#- The data tests of a relation and of whatever reads it: {test, of: what it tests}; of an ephemeral model,
        which is never built, they test the relation. -#}
    {%- set found = [] %}
    {%- set nodes = {row['unique_id']: row['unique_id']} %}
    {%- for consumer in consumers['built'] + consumers['live'] %}
        {%- do nodes.update({consumer.unique_id: consumer.unique_id}) %}
    {%- endfor %}
    {%- for consumer in consumers['ephemeral'] or [] %}
        {%- do nodes.update({consumer.unique_id: row['unique_id']}) %}
    {%- endfor %}
    {%- for unique_id, of in nodes.items() %}
        {%- for test in children.get(unique_id, []) if test.resource_type == 'test' %}
            {%- do found.append({'test': test, 'of': of}) %}
        {%- endfor %}
    {%- endfor %}
    {%- do return(found) %}
{%- endmacro %}


{% macro _test_statuses(plan, consumers, children, result_rows) %}
    {#- unique_id -> {status, at}: of this run's tests (at is none), else the last recorded, by when the test
        began: only what began after a build has tested it. -#}
    {% set statuses = {} %}
    {% for row in result_rows if row['resource_type'] in ('test', 'unit_test') %}
        {% do statuses.update({row['unique_id']: {'status': row['status'], 'at': none}}) %}
    {% endfor %}
    {% set wanted = {} %}
    {% for row in plan if row['unique_id'] %}
        {% for test in dbt_opsplugin._tests_of(row, consumers[row['key']], children)
            if test['test'].unique_id not in statuses %}
            {% do wanted.update({test['test'].unique_id: true}) %}
        {% endfor %}
    {% endfor %}
    {% set recorded = wanted and 'ops_runs' in dbt_opsplugin._existing_ops_columns() %}
    {% for ids in dbt_opsplugin._lists_of_literals(wanted) if recorded %}
        {% set query %}
            select unique_id, status, {{ dbt_opsplugin._time_text('tested_at') }}
            from (
                select
                    res.unique_id, res.status, coalesce(res.started_at, res.recorded_at) as tested_at,
                    row_number() over (
                        partition by res.unique_id
                        order by coalesce(res.started_at, res.recorded_at) desc, res.recorded_at desc
                    ) as age
                from {{ dbt_opsplugin.ops_relation('ops_results') }} as res
                inner join {{ dbt_opsplugin.ops_relation('ops_runs') }} as runs
                    on res.invocation_id = runs.invocation_id
                where {{ dbt_opsplugin._of_this_environment('runs') }}
                    {{- ' and not (' ~ dbt_opsplugin._is_partial_or_deferred('runs.') ~ ')' if result_rows }}
                    and res.unique_id in ({{ ids }})
            ) as ranked
            where age = 1
        {% endset %}
        {% for unique_id, status, at in dbt_opsplugin.query_rows(query) %}
            {% do statuses.update({unique_id: {'status': status, 'at': at or ''}}) %}
        {% endfor %}
    {% endfor %}
    {% do return(statuses) %}
{% endmacro %}
