{% macro athena__relations_sql(database, schemas) %}
    {#- A drop reaches the catalog of the target alone: what is in another one is of a type that nothing
        drops. -#}
    {% set catalog = adapter.quote(database) ~ '.information_schema.' %}
    {% set elsewhere = '' if database | lower == target.database | lower else " || ' of another catalog'" %}
    {% set names = [] %}
    {% for schema in schemas %}
        {% do names.append(dbt_opsplugin.literal(schema | lower)) %}
    {% endfor %}
    {% set of_schemas = '.table_schema in (' ~ names | join(', ') ~ ')' %}
    select
        relations.table_catalog, relations.table_schema, relations.table_name,
        case relations.table_type when 'BASE TABLE' then 'table' else lower(relations.table_type) end
            {{- elsewhere }} as relation_type,
        'as ' || views.view_definition
    from {{ catalog }}tables as relations
    left join {{ catalog }}views as views
        on relations.table_schema = views.table_schema and relations.table_name = views.table_name
            and views{{ of_schemas }}
    where relations{{ of_schemas }}
{% endmacro %}


{% macro athena__view_texts(relations) %}
    {#- Of each catalog that this project builds in. A bare name is of the schema that was the current
        one when the view was made, which is not told: so every view counts as one of each relation's
        schema, by a name that nothing is dropped under. What is no table and has no text, as a view of
        another engine, may read anything. -#}
    {%- set catalogs = relations | map(attribute='database') | list %}
    {%- for node in graph.nodes.values() if node.database %}
        {%- do catalogs.append(node.database | lower) %}
    {%- endfor %}
    {%- set spaces = relations | map(attribute='schema') | unique | list %}
    {%- set texts = [] %}
    {%- for catalog in catalogs | unique %}
        {%- set quoted = adapter.quote(catalog) ~ '.information_schema.' %}
        {%- for row in dbt_opsplugin.query_rows(
            'select relations.table_catalog, relations.table_schema, relations.table_name, views.view_definition from '
            ~ quoted ~ 'tables as relations left join ' ~ quoted ~ 'views as views'
            ~ ' on relations.table_schema = views.table_schema and relations.table_name = views.table_name'
            ~ " where relations.table_type <> 'BASE TABLE' and relations.table_schema <> 'information_schema'"
        ) %}
            {%- do texts.append(row) %}
            {%- for space in spaces if row[3] and space | lower != row[1] | lower %}
                {%- do texts.append([row[0], space, row[1] ~ '.' ~ row[2], row[3], true]) %}
            {%- endfor %}
        {%- endfor %}
    {%- endfor %}
    {%- do return(texts) %}
{%- endmacro %}


{% macro athena__drop_relation_sql(relation) %}
    {#- A table of Hive leaves its files, which nobody would find any more: so where they are is said. -#}
    {%- if relation['database'] | lower != target.database | lower %}
        {%- do dbt_opsplugin._fail(
            'drop_stg_tables', dbt_opsplugin._render(relation) ~ ' is not in ' ~ target.database
            ~ ', the catalog of target ' ~ target.name ~ ', in which alone Athena drops',
            'use a target of that catalog'
        ) %}
    {%- elif relation['type'] != 'table' %}
        {%- do return(dbt_opsplugin.default__drop_relation_sql(relation)) %}
    {%- endif %}
    {%- if dbt_opsplugin._glue_format(relation) == 'hive' %}
        {%- do dbt_opsplugin._log(
            'drop_stg_tables', 'the files of ' ~ dbt_opsplugin._render(relation) ~ ' stay at '
            ~ adapter.get_glue_table_location(dbt_opsplugin._glue_relation(relation))
        ) %}
    {%- endif %}
    {%- do return('drop table ' ~ dbt_opsplugin._quoted(
        [relation['schema'], relation['identifier']]
    ).replace('"', '`')) %}
{%- endmacro %}


{% macro athena__asks_for_schema(database, schema) %}
    {#- The right to create one is asked for even if it is there. -#}
    {%- do return(not adapter.check_schema_exists(database, schema)) %}
{%- endmacro %}


{% macro _glue_relation(relation) %}
    {%- do return(api.Relation.create(
        database=relation['database'], schema=relation['schema'], identifier=relation['identifier']
    )) %}
{%- endmacro %}


{% macro _glue_format(relation) %}
    {#- 'iceberg' or 'hive'; no SQL tells. -#}
    {%- set type = adapter.get_glue_table_type(dbt_opsplugin._glue_relation(relation)) %}
    {%- if type is none %}
        {%- do dbt_opsplugin._fail(
            'drop_stg_tables', 'Glue knows no table ' ~ dbt_opsplugin._render(relation),
            'nothing was dropped; see that nothing else drops it and run again'
        ) %}
    {%- endif %}
    {%- do return('iceberg' if type.value == 'iceberg_table' else 'hive') %}
{%- endmacro %}
