{% macro json_array_items(column) %}
    {{ return(adapter.dispatch('json_array_items', 'dbt_opsplugin')(column)) }}
{% endmacro %}


{% macro default__json_array_items(column) %}
    {% do dbt_opsplugin._fail(
        'json_array_items', 'JSON arrays cannot be unnested on ' ~ target.type,
        'use a supported engine (see the support table in the README)'
    ) %}
{% endmacro %}


{% macro duckdb__json_array_items(column) %}
    {% do return("unnest(from_json(" ~ adapter.quote(column) ~ ", '[\"varchar\"]'))") %}
{% endmacro %}


{% macro postgres__json_array_items(column) %}
    {#- What is not an array has no items: the function would refuse it. -#}
    {% do return(
        "jsonb_array_elements_text(case when jsonb_typeof(" ~ adapter.quote(column)
        ~ ") = 'array' then " ~ adapter.quote(column) ~ " end)"
    ) %}
{% endmacro %}
