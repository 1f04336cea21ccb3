{% macro write_ops_rows(table, rows, observed=false) %}
    {#- Appends rows (dicts by column name; a missing column is null) in one statement, or as
        few as the engine's statement size allows. A row whose key is there already is
        skipped, so writing twice is writing once. -#}
    {% if execute and rows %}
        {% set spec = dbt_opsplugin.ops_tables()[table] %}
        {% set payload = dbt_opsplugin._json_payload(rows) %}
        {% set limit = dbt_opsplugin.engine_facts()['max_statement_length'] %}
        {% if payload | length > limit and rows | length > 1 %}
            {% set half = rows | length // 2 %}
            {% do dbt_opsplugin.write_ops_rows(table, rows[:half], observed) %}
            {% do dbt_opsplugin.write_ops_rows(table, rows[half:], observed) %}
        {% else %}
            {% if payload | length > limit %}
                {% set payload = dbt_opsplugin._json_payload(
                    [dbt_opsplugin._shortened(rows[0], limit // 8)]
                ) %}
            {% endif %}
            {% set sql = dbt_opsplugin._insert_json_sql(table, spec, payload) %}
            {% if observed %}
                {% do dbt_opsplugin.run_observed(dbt_opsplugin.observed_statements([sql])) %}
            {% else %}
                {% do dbt_opsplugin.run_statement(sql) %}
            {% endif %}
        {% endif %}
    {% endif %}
    {% do return('') %}
{% endmacro %}


{% macro _shortened(row, length) %}
    {#- A single row that no statement could hold: the start of its texts is better than a run
        that fails. In JSON a character may take six. -#}
    {% set short = {} %}
    {% for name, value in row.items() %}
        {% do short.update({name: value[:length] ~ ' (shortened)'
            if value is string and value | length > length else value}) %}
    {% endfor %}
    {% do return(short) %}
{% endmacro %}


{% macro _insert_json_sql(table, spec, payload) %}
    {% set columns = dict(spec['columns']) %}
    {% do columns.pop('recorded_at') %}
    insert into {{ dbt_opsplugin.ops_relation(table) }} (
        {%- for column in columns %}{{ column }}, {% endfor -%}
        recorded_at)
    select
        {%- for column in columns %} new_rows.{{ column }},{% endfor %}
        cast({{ dbt_opsplugin.literal(dbt_opsplugin.utc_now()) }}
            as {{ dbt_opsplugin.engine_facts()['types']['timestamp'] }})
    from ({{ dbt_opsplugin.json_rows(columns, payload) }}) as new_rows
    where not exists (
        select 1
        from {{ dbt_opsplugin.ops_relation(table) }} as old_rows
        where {% for column in spec['key'] %}
            {{- ' and ' if not loop.first }}
            {{- 'old_rows.' ~ column ~ ' = new_rows.' ~ column }}
        {%- endfor %}
    )
{% endmacro %}
