{% macro athena__backup_table(relation, options, number) %}
    {#- In the format of the table, since neither has all types of the other. Its name is as DDL takes it. -#}
    {%- set name = modules.re.sub('[.-]', '_', options['set'] ~ '__' ~ '%04d' | format(number)) %}
    {%- set copy = {
        'database': target.database, 'schema': options['schema'], 'identifier': name,
        'format': dbt_opsplugin._glue_format(relation),
    } %}
    {%- set location = dbt_opsplugin._quoted([copy['schema'], name]) %}
    {%- do dbt_opsplugin.run_statement(
        dbt_opsplugin.athena__copy_table_sql(location, dbt_opsplugin._render(relation), copy)
    ) %}
    {%- do return({
        'location': location, 'columns': [], 'format': copy['format'],
        'trash': {'database': copy['database'], 'schema': copy['schema'], 'alias': name},
    }) %}
{%- endmacro %}


{% macro athena__copy_table_sql(copy, source, relation) %}
    {#- A work group may forbid to say where a table of Hive is kept. -#}
    {%- set is_iceberg = relation['format'] == 'iceberg' %}
    {%- set options = ["table_type = 'iceberg', is_external = false" if is_iceberg
        else "table_type = 'hive', is_external = true", "format = 'parquet'"] %}
    {%- if is_iceberg or not adapter.is_work_group_output_location_enforced() %}
        {%- do options.append(
            ('location = ' if is_iceberg else 'external_location = ')
            ~ dbt_opsplugin.literal(dbt_opsplugin._s3_location(relation['schema'], relation['identifier']))
        ) %}
    {%- endif %}
    {%- do return(
        'create table ' ~ copy ~ ' with (' ~ options | join(', ') ~ ') as select * from ' ~ source
    ) %}
{%- endmacro %}
