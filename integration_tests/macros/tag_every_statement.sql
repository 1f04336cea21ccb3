{#- dbt adds the query comment to what goes through a statement, at its end. On DuckDB that
    leaves out two: the COPY of a seed, which is sent past it, and the first of the two
    statements in which a snapshot is merged. -#}

{% macro duckdb__load_csv_rows(model, agate_table) %}
    {% if not config.get('fast', true) %}
        {% do return(dbt.duckdb__load_csv_rows(model, agate_table)) %}
    {% endif %}
    {% set sql %}
        copy {{ this.render() }} from '{{ adapter.get_seed_file_path(model) }}'
        (format csv, header true, delimiter '{{ config.get('delimiter', ',') }}')
    {% endset %}
    {% call statement('load_csv_rows') %}{{ sql }}{% endcall %}
    {% do return(sql) %}
{% endmacro %}


{% macro duckdb__snapshot_merge_sql(target, source, insert_cols) %}
    {% set sql = dbt.duckdb__snapshot_merge_sql(target, source, insert_cols) %}
    {% do return(sql.replace(';', ' /* ' ~ dbt_opsplugin.query_comment(model) ~ ' */;', 1)) %}
{% endmacro %}
