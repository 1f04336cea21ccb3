{% macro write_ops_rows(table, rows) %}
    {#- Appends rows (dicts by column name; a missing column is null) in one statement, or as
        few as the engine's statement size allows. A row whose key is there already is
        skipped, so writing twice is writing once. In a hook, only where runs are recorded, and not of
        a command that only looks. -#}
    {%- if execute %}
        {%- do dbt_opsplugin._validate_ops_rows(table, rows) %}
        {%- if flags.WHICH == 'run-operation'
            or (dbt_opsplugin._is_enabled() and flags.WHICH not in ('compile', 'generate', 'show')) %}
            {%- do dbt_opsplugin._write_rows(
                table, dbt_opsplugin._json_safe(dbt_opsplugin._of_different_keys(table, rows))
            ) %}
        {%- endif %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}


{% macro _write_rows(table, rows, observed=false) %}
    {#- Our own, which are known to be right. -#}
    {%- if rows %}
        {%- set spec = dbt_opsplugin.ops_tables()[table] %}
        {#- Where an insert that reads its own table may fail another one, what is there is asked for
            before. Not in a model, whose transaction would have read it: its rows are new. -#}
        {%- set ask = not dbt_opsplugin.engine_facts()['inserts_read'] and not dbt_opsplugin._is_in_model() %}
        {%- do dbt_opsplugin._write_new_rows(
            table, spec, dbt_opsplugin._rows_not_there(table, spec, rows) if ask else rows, observed
        ) %}
    {%- endif %}
{%- endmacro %}


{% macro _write_new_rows(table, spec, rows, observed) %}
    {%- set payload = dbt_opsplugin._json_payload(rows) %}
    {%- set facts = dbt_opsplugin.engine_facts() %}
    {%- set limit = facts['max_statement_length'] %}
    {%- if payload | length > limit and rows | length > 1 %}
        {%- set half = rows | length // 2 %}
        {%- do dbt_opsplugin._write_new_rows(table, spec, rows[:half], observed) %}
        {%- do dbt_opsplugin._write_new_rows(table, spec, rows[half:], observed) %}
    {%- elif rows %}
        {%- if payload | length > limit %}
            {%- set payload = dbt_opsplugin._json_payload([dbt_opsplugin._shortened(rows[0], limit // 8)]) %}
        {%- endif %}
        {%- set sql = dbt_opsplugin._insert_json_sql(table, spec, payload) %}
        {%- if observed and facts['catches_errors'] %}
            {%- do dbt_opsplugin.run_observed(dbt_opsplugin.observed_statements([sql])) %}
        {%- else %}
            {%- do dbt_opsplugin.run_statement(sql) %}
        {%- endif %}
    {%- endif %}
{%- endmacro %}


{% macro _rows_not_there(table, spec, rows) %}
    {%- set first = 'invocation_id' if 'invocation_id' in spec['key'] else spec['key'][0] %}
    {%- set asked = [] %}
    {%- for value in rows | map(attribute=first) | unique %}
        {%- do asked.append(dbt_opsplugin.literal(value)) %}
    {%- endfor %}
    {%- set there = {} %}
    {%- for key in dbt_opsplugin.query_rows(
        'select ' ~ spec['key'] | join(', ') ~ ' from ' ~ dbt_opsplugin.ops_relation(table)
        ~ ' where ' ~ first ~ ' in (' ~ asked | join(', ') ~ ')'
    ) %}
        {%- do there.update({key | map('string') | join('\n'): true}) %}
    {%- endfor %}
    {%- set missing = [] %}
    {%- for row in rows %}
        {%- set key = [] %}
        {%- for column in spec['key'] %}
            {%- do key.append(row[column] | string) %}
        {%- endfor %}
        {%- if key | join('\n') not in there %}
            {%- do missing.append(row) %}
        {%- endif %}
    {%- endfor %}
    {%- do return(missing) %}
{%- endmacro %}


{% macro _shortened(value, length) %}
    {#- Of a single row that no statement could hold: the start of its texts is better than a run
        that fails. In JSON a character may take six. -#}
    {%- if value is string %}
        {%- do return(value[:length] ~ ' (shortened)' if value | length > length else value) %}
    {%- elif value is mapping %}
        {%- set short = {} %}
        {%- for name, item in value.items() %}
            {%- do short.update({name: dbt_opsplugin._shortened(item, length)}) %}
        {%- endfor %}
        {%- do return(short) %}
    {%- elif value is iterable %}
        {%- set short = [] %}
        {%- for item in value %}
            {%- do short.append(dbt_opsplugin._shortened(item, length)) %}
        {%- endfor %}
        {%- do return(short) %}
    {%- endif %}
    {%- do return(value) %}
{%- endmacro %}


{% macro _insert_json_sql(table, spec, payload) %}
    {% set columns = dict(spec['columns']) %}
    {% do columns.pop('recorded_at') %}
    insert into {{ dbt_opsplugin.ops_relation(table) }} (
        {%- for column in columns %}{{ column }}, {% endfor -%}
        recorded_at)
    {{- dbt_opsplugin.engine_facts()['insert_options'] | replace('%s', dbt_opsplugin.literal(local_md5(payload))) }}
    select
        {%- for column in columns %} new_rows.{{ column }},{% endfor %}
        cast({{ dbt_opsplugin.literal(dbt_opsplugin.utc_now()) }}
            as {{ dbt_opsplugin.engine_facts()['types']['timestamp'] }})
    from ({{ adapter.dispatch('json_rows', 'dbt_opsplugin')(columns, payload) }}) as new_rows
    {%- if dbt_opsplugin.engine_facts()['inserts_read'] %}
    where not exists (
        select 1
        from {{ dbt_opsplugin.ops_relation(table) }} as old_rows
        where {% for column in spec['key'] %}
            {{- ' and ' if not loop.first }}
            {{- 'old_rows.' ~ column ~ ' = new_rows.' ~ column }}
        {%- endfor %}
    )
    {%- endif %}
{% endmacro %}
