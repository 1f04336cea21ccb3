{% macro json_array_rows(source, column, item) %}
    {#- A select of the rows of a select, once for each text in a JSON array of theirs. -#}
    {{ return(adapter.dispatch('json_array_rows', 'dbt_opsplugin')(source, column, item)) }}
{% endmacro %}


{% macro default__json_array_rows(source, column, item) %}
    {% do dbt_opsplugin._unsupported_engine() %}
{% endmacro %}
