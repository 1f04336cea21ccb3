{% macro backup_table(relation, options, number) %}
    {#- Copies one table and returns {location, columns}, and the copy's format, where that matters to
        its drop (drop_ends). -#}
    {{ return(adapter.dispatch('backup_table', 'dbt_opsplugin')(relation, options, number)) }}
{% endmacro %}


{% macro default__backup_table(relation, options, number) %}
    {% set name = (options['set'] ~ '__' ~ '%04d' | format(number)).replace('.', '_') %}
    {% set trash = dbt_opsplugin._relation_of_ours(relation['database'], options['schema'], name) %}
    {% set copy = trash.without_identifier() ~ '.' ~ adapter.quote(name) %}
    {% do dbt_opsplugin.run_statement(
        dbt_opsplugin.copy_table_sql(copy, dbt_opsplugin._render(relation), relation)
    ) %}
    {% do return({
        'location': copy, 'columns': [],
        'trash': {'database': trash.database, 'schema': trash.schema, 'alias': name},
    }) %}
{% endmacro %}


{% macro backup_source(kind, location) %}
    {#- What to select a backup from. -#}
    {% do return(
        'read_parquet(' ~ dbt_opsplugin.literal(location) ~ ')' if kind == 'parquet' else location
    ) %}
{% endmacro %}
