{% macro databricks__relation_rows(schemas, query) %}
    {#- What is in a catalog without an information schema is not seen, and said so. -#}
    {%- set seen = {} %}
    {%- for database, names in schemas.items() %}
        {%- if dbt_opsplugin._has_information_schema(database) %}
            {%- do seen.update({database: names}) %}
        {%- else %}
            {%- do dbt_opsplugin._warn(
                'engine_facts', database ~ ' has no information schema: nothing in it is counted or dropped'
            ) %}
        {%- endif %}
    {%- endfor %}
    {%- do return(dbt_opsplugin.default__relation_rows(seen, query)) %}
{%- endmacro %}


{% macro databricks__relations_sql(database, schemas) %}
    {#- The definition of a view is what follows its name in the statement that makes it: a view may
        give its columns names. It is null where the text may not be seen. -#}
    {% set catalog = adapter.quote(database) ~ '.information_schema.' %}
    {% set names = [] %}
    {% for schema in schemas %}
        {% do names.append(dbt_opsplugin.literal(schema | lower)) %}
    {% endfor %}
    {% set of_schemas = ' in (' ~ names | join(', ') ~ ')' %}
    select
        relations.table_catalog, relations.table_schema, relations.table_name,
        case relations.table_type
            when 'MANAGED' then 'table' when 'EXTERNAL' then 'external table'
            else replace(lower(relations.table_type), '_', ' ')
        end as relation_type,
        case when relations.table_type = 'VIEW' then concat('(', named.list, ') as ', views.view_definition)
        end as definition
    from {{ catalog }}tables as relations
    left join {{ catalog }}views as views
        on relations.table_schema = views.table_schema and relations.table_name = views.table_name
    left join (
        select
            table_schema, table_name,
            array_join(transform(
                array_sort(collect_list(struct(ordinal_position, column_name))),
                item -> concat('`', replace(item.column_name, '`', '``'), '`')
            ), ', ') as list
        from {{ catalog }}columns
        where table_schema {{ of_schemas }}
        group by table_schema, table_name
    ) as named
        on relations.table_schema = named.table_schema and relations.table_name = named.table_name
    where relations.table_schema {{ of_schemas }}
{% endmacro %}


{% macro databricks__view_texts(relations) %}
    {#- Of each catalog that this project builds in. A bare name is of the schema that was the current
        one when the view was made, which is not kept there: so every view counts as one of each
        relation's schema, by a name that nothing is dropped under. Of a materialized view, a
        streaming table and a view of somebody else's there is no text: what dbt has built reads what
        the graph says, our own views the ops tables, and any other may read anything. -#}
    {%- set built = [] %}
    {%- for view in dbt_opsplugin._ops_view_names() + ['ops_version'] %}
        {%- set relation = dbt_opsplugin.ops_relation(view) %}
        {%- do built.append(dbt_opsplugin._relation_key(relation.database, relation.schema, view)) %}
    {%- endfor %}
    {%- set catalogs = relations | map(attribute='database') | list %}
    {%- for node in graph.nodes.values() if node.database %}
        {%- do catalogs.append(node.database) %}
        {%- do built.append(dbt_opsplugin._relation_key(node.database, node.schema, node.alias)) %}
    {%- endfor %}
    {%- set spaces = relations | map(attribute='schema') | unique | list %}
    {%- set texts = [] %}
    {%- for catalog in catalogs | unique if dbt_opsplugin._has_information_schema(catalog) %}
        {%- set quoted = adapter.quote(catalog) ~ '.information_schema.' %}
        {%- for database, schema, name, text in dbt_opsplugin.query_rows(
            'select relations.table_catalog, relations.table_schema, relations.table_name, views.view_definition from '
            ~ quoted ~ 'tables as relations left join ' ~ quoted ~ 'views as views'
            ~ ' on relations.table_schema = views.table_schema and relations.table_name = views.table_name'
            ~ " where relations.table_type in ('VIEW', 'MATERIALIZED_VIEW', 'STREAMING_TABLE', 'METRIC_VIEW')"
            ~ " and relations.table_schema <> 'information_schema'"
        ) if text or dbt_opsplugin._relation_key(database, schema, name) not in built %}
            {%- do texts.append([database, schema, name, text]) %}
            {%- for space in spaces if text and space | lower != schema | lower %}
                {%- do texts.append([database, space, schema ~ '.' ~ name, text, true]) %}
            {%- endfor %}
        {%- endfor %}
    {%- endfor %}
    {%- do return(texts) %}
{%- endmacro %}


{% macro databricks__asks_for_schema(database, schema) %}
    {%- do return(not adapter.check_schema_exists(database, schema)) %}
{%- endmacro %}
