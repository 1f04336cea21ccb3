{% macro trino__relations_sql(database, schemas) %}
    {% set catalog = adapter.quote(database) ~ '.information_schema.' %}
    select
        relations.table_catalog, relations.table_schema, relations.table_name,
        case
            when stored.name is not null then 'materialized view'
            when relations.table_type = 'BASE TABLE' then 'table'
            else lower(relations.table_type)
        end,
        case when stored.name is null then 'as ' || views.view_definition end
    from {{ catalog }}tables as relations
    left join {{ catalog }}views as views
        on relations.table_schema = views.table_schema and relations.table_name = views.table_name
    left join (
        select schema_name, name
        from system.metadata.materialized_views
        where catalog_name = {{ dbt_opsplugin.literal(database | lower) }}
    ) as stored
        on relations.table_schema = stored.schema_name and relations.table_name = stored.name
    where {{ dbt_opsplugin._in_schemas('relations.table_schema', schemas) }}
{% endmacro %}


{% macro trino__view_texts(relations) %}
    {#- Of each catalog that this project builds in. A bare name is of the schema that was the current
        one when the view was made, which is not told: so every view counts as one of each relation's
        schema, by a name that nothing is dropped under. -#}
    {%- set catalogs = relations | map(attribute='database') | list %}
    {%- for node in graph.nodes.values() if node.database %}
        {%- do catalogs.append(node.database) %}
    {%- endfor %}
    {%- set spaces = relations | map(attribute='schema') | unique | list %}
    {%- set texts = [] %}
    {%- for catalog in catalogs | unique %}
        {%- for row in dbt_opsplugin.query_rows(
            'select table_catalog, table_schema, table_name, view_definition from ' ~ adapter.quote(catalog)
            ~ '.information_schema.views union all select catalog_name, schema_name, name, definition'
            ~ ' from system.metadata.materialized_views where catalog_name = ' ~ dbt_opsplugin.literal(catalog | lower)
        ) %}
            {%- do texts.append(row) %}
            {%- for space in spaces if space | lower != row[1] | lower %}
                {%- do texts.append([row[0], space, row[1] ~ '.' ~ row[2], row[3], true]) %}
            {%- endfor %}
        {%- endfor %}
    {%- endfor %}
    {%- do return(texts) %}
{%- endmacro %}


{% macro trino__asks_for_schema(database, schema) %}
    {#- The right to create one is asked for even if it is there. -#}
    {%- do return(not adapter.check_schema_exists(database, schema)) %}
{%- endmacro %}
