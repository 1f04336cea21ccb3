{% macro bigquery__relation_rows(schemas, query) %}
    {#- A statement for each dataset that there is: those of two places cannot be read by one. The
        definition of a view is the statement that makes it, with its options. -#}
    {% set rows = dbt_opsplugin.query_rows(query) if query else [] %}
    {% for database, names in schemas.items() %}
        {% for schema in adapter.list_schemas(database) if schema | lower in names %}
            {% do rows.extend(dbt_opsplugin.query_rows(dbt_opsplugin.relations_sql(database, [schema]))) %}
        {% endfor %}
    {% endfor %}
    {% do return(rows) %}
{% endmacro %}


{% macro bigquery__relations_sql(database, schemas) %}
    select
        table_catalog, table_schema, table_name,
        case table_type
            when 'BASE TABLE' then 'table' when 'CLONE' then 'table' when 'EXTERNAL' then 'external table'
            when 'SNAPSHOT' then 'snapshot table' else lower(table_type)
        end,
        case when table_type in ('VIEW', 'MATERIALIZED VIEW') then ddl end
    from {{ dbt_opsplugin._quoted([database, schemas[0]]) }}.INFORMATION_SCHEMA.TABLES
{% endmacro %}


{% macro bigquery__view_texts(relations) %}
    {#- Of all datasets of the project in the place where a relation is. A name with a star stands for
        every table that begins so: those are written out. -#}
    {% set texts = [] %}
    {% set places = {} %}
    {% for relation in relations %}
        {% set of_schema = api.Relation.create(
            database=relation['database'], schema=relation['schema'], identifier=relation['identifier']
        ) %}
        {% do places.update({[relation['database'], adapter.get_dataset_location(of_schema)] | join('.'): relation}) %}
    {% endfor %}
    {% for place, relation in places.items() %}
        {% set region = 'region-' ~ place.split('.')[-1] | lower %}
        {% for database, schema, name, ddl in dbt_opsplugin.query_rows(
            'select table_catalog, table_schema, table_name, ddl from '
            ~ dbt_opsplugin._quoted([relation['database'], region]) ~ '.INFORMATION_SCHEMA.TABLES'
            ~ " where table_type in ('VIEW', 'MATERIALIZED VIEW')"
        ) %}
            {% set named = [ddl or ''] %}
            {% for space, start in modules.re.findall('([A-Za-z0-9_]+)`?\\s*\\.\\s*`?([A-Za-z0-9_-]*)\\*', ddl or '') %}
                {% for starred in relations if starred['identifier'].startswith(start) and starred['schema'] == space %}
                    {% do named.append(space ~ '.' ~ starred['identifier']) %}
                {% endfor %}
            {% endfor %}
            {% do texts.append([database, schema, name, named | join(' ') if ddl else none]) %}
        {% endfor %}
    {% endfor %}
    {% do return(texts) %}
{% endmacro %}


{% macro bigquery__sizes_sql(relations) %}
    {#- The count of a whole table is read from its metadata, and free. -#}
    {% for relation in relations %}
    select
        {{ dbt_opsplugin.literal(relation['key']) }},
        (select count(*) from {{ dbt_opsplugin._render(relation) }}),
        (
            select sum(total_logical_bytes)
            from {{ dbt_opsplugin._quoted([relation['database'], relation['schema']]) }}.INFORMATION_SCHEMA.PARTITIONS
            where table_name = {{ dbt_opsplugin.literal(relation['identifier']) }}
        )
    {{ 'union all' if not loop.last }}
    {% endfor %}
{% endmacro %}
