{% macro fabric__relation_rows(schemas, query) %}
    {#- No query reads tables and the catalog. -#}
    {%- set rows = dbt_opsplugin.query_rows(query) if query else [] %}
    {%- for database, names in schemas.items() %}
        {%- do rows.extend(dbt_opsplugin.query_rows(
            adapter.dispatch('relations_sql', 'dbt_opsplugin')(database, names)
        )) %}
    {%- endfor %}
    {%- do return(rows) %}
{%- endmacro %}


{% macro fabric__relations_sql(database, schemas) %}
    {% set catalog = adapter.quote(database) ~ '.sys.' %}
    select
        {{ dbt_opsplugin.literal(database) }} as database_name, spaces.name as schema_name,
        relations.name as relation_name,
        case relations.type when 'U' then 'table' when 'V' then 'view' else lower(relations.type_desc) end
            as relation_type,
        modules.definition as definition
    from {{ catalog }}objects as relations
    inner join {{ catalog }}schemas as spaces on relations.schema_id = spaces.schema_id
    left join {{ catalog }}sql_modules as modules on relations.object_id = modules.object_id
    where relations.type in ('U', 'V', 'SN', 'ET')
        and {{ dbt_opsplugin._in_schemas('spaces.name', schemas) }}
{% endmacro %}


{% macro fabric__readers(relations) %}
    {#- By the text of views, functions and procedures: of what Fabric keeps as dependencies nothing is
        documented. -#}
    {%- do return(dbt_opsplugin.default__readers(relations)) %}
{%- endmacro %}


{% macro fabric__view_texts(relations) %}
    {#- Of each warehouse that this project builds in. A bare name in a function or procedure may be of the schema of
        whoever calls it, so it counts in each. -#}
    {%- set databases = {} %}
    {%- for database in (relations | map(attribute='database') | list)
        + (graph.nodes.values() | map(attribute='database') | select | list) %}
        {%- do databases.setdefault(database | lower, database) %}
    {%- endfor %}
    {%- set spaces = relations | map(attribute='schema') | unique | list %}
    {%- set texts = [] %}
    {%- for database in databases.values() %}
        {%- set catalog = adapter.quote(database) ~ '.sys.' %}
        {%- for row in dbt_opsplugin.query_rows(
            'select ' ~ dbt_opsplugin.literal(database) ~ ' as database_name, spaces.name as schema_name,'
            ~ ' readers.name as reader, modules.definition, readers.type'
            ~ ' from ' ~ catalog ~ 'objects as readers'
            ~ ' inner join ' ~ catalog ~ 'schemas as spaces on readers.schema_id = spaces.schema_id'
            ~ ' left join ' ~ catalog ~ 'sql_modules as modules on readers.object_id = modules.object_id'
            ~ " where readers.type in ('V', 'P', 'FN', 'IF', 'TF')"
        ) %}
            {%- do texts.append(row[:4]) %}
            {%- for space in spaces if row[4] | trim != 'V' and space | lower != row[1] | lower %}
                {%- do texts.append([row[0], space, row[1] ~ '.' ~ row[2], row[3], true]) %}
            {%- endfor %}
        {%- endfor %}
    {%- endfor %}
    {%- do return(texts) %}
{%- endmacro %}


{% macro fabric__drop_relation_sql(relation) %}
    {%- set drop = dbt_opsplugin.sqlserver__drop_relation_sql(relation) %}
    {%- do return(dbt_opsplugin._alone_in_fabric(drop) if relation['type'] == 'view' else drop) %}
{%- endmacro %}
