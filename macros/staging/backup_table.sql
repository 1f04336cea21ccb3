{% macro backup_table(relation, options, number) %}
    {#- Copies one table and returns {location, columns}. -#}
    {{ return(adapter.dispatch('backup_table', 'dbt_opsplugin')(relation, options, number)) }}
{% endmacro %}


{% macro default__backup_table(relation, options, number) %}
    {% set copy = api.Relation.create(
        database=relation['database'], schema=options['schema'],
        identifier=options['set'] ~ '__' ~ '%04d' | format(number)
    ) %}
    {% do dbt_opsplugin.run_statement(
        dbt_opsplugin.copy_table_sql(copy, dbt_opsplugin._render(relation))
    ) %}
    {% do return({
        'location': copy | string, 'columns': [],
        'trash': {'database': copy.database, 'schema': copy.schema, 'alias': copy.identifier},
    }) %}
{% endmacro %}


{% macro duckdb__backup_table(relation, options, number) %}
    {% if options['kind'] == 'schema' %}
        {% do return(dbt_opsplugin.default__backup_table(relation, options, number)) %}
    {% endif %}
    {% set columns = dbt_opsplugin.query_rows(
        'select column_name, column_type from (describe ' ~ dbt_opsplugin._render(relation) ~ ')'
    ) %}
    {% for name, type in columns %}
        {#- Parquet has no such type and would round or refuse it. -#}
        {% for inexact in [
            'HUGEINT', 'BIGNUM', 'VARINT', 'BIT', 'INTERVAL', 'TIME WITH TIME ZONE', 'UNION',
            'VARIANT', 'GEOMETRY'
        ] %}
            {% if modules.re.search(
                '(^|[ (,])' ~ inexact ~ '([ ,()\\[]|$)',
                modules.re.sub("'[^']*'|\"[^\"]*\"", '', type)
            ) %}
                {% do dbt_opsplugin._fail(
                    options['macro'], 'column ' ~ name ~ ' of ' ~ dbt_opsplugin._render(relation)
                    ~ ' is ' ~ type ~ ', which Parquet does not hold exactly',
                    'nothing was dropped; use backup: schema'
                ) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% set location = options['path'].rstrip('/') ~ '/' ~ options['set'] ~ '/'
        ~ '%04d' | format(number) ~ '.parquet' %}
    {% do dbt_opsplugin.run_statement(
        'copy (select * from ' ~ dbt_opsplugin._render(relation) ~ ') to '
        ~ dbt_opsplugin.literal(location) ~ ' (format parquet)'
    ) %}
    {% do return({'location': location, 'columns': columns}) %}
{% endmacro %}


{% macro backup_source(kind, location) %}
    {#- What to select a backup from. -#}
    {% do return(
        'read_parquet(' ~ dbt_opsplugin.literal(location) ~ ')' if kind == 'parquet' else location
    ) %}
{% endmacro %}
