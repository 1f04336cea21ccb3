{% macro default__backup_table(relation, options, number) %}
    {%- set name = (options['set'] ~ '__' ~ '%04d' | format(number)).replace('.', '_') %}
    {%- set trash = dbt_opsplugin._relation_of_ours(relation['database'], options['schema'], name) %}
    {%- set copy = trash.without_identifier() ~ '.' ~ adapter.quote(name) %}
    {%- do dbt_opsplugin.run_statement(
        adapter.dispatch('copy_table_sql', 'dbt_opsplugin')(copy, dbt_opsplugin._render(relation), relation)
    ) %}
    {%- do return({
        'location': copy, 'columns': [],
        'trash': {'database': trash.database, 'schema': trash.schema, 'alias': name},
    }) %}
{%- endmacro %}


{% macro backup_source(kind, location) %}
    {#- What to select a backup from. A folder named `env=prod` above a file would give it a column. -#}
    {%- do return(
        'read_parquet(' ~ dbt_opsplugin.literal(location) ~ ', hive_partitioning = false)'
        if kind == 'parquet' else location
    ) %}
{%- endmacro %}
