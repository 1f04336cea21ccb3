{% macro databricks__relations_sql(database, schemas) %}
    {#- The definition of a view is what follows its name in the statement that makes it: a view may
        give its columns names. It is null where the text may not be seen. -#}
    {% do dbt_opsplugin._require_unity_catalog(database) %}
    {% set catalog = adapter.quote(database) ~ '.information_schema.' %}
    select
        relations.table_catalog, relations.table_schema, relations.table_name,
        case relations.table_type
            when 'MANAGED' then 'table' when 'EXTERNAL' then 'external table'
            else replace(lower(relations.table_type), '_', ' ')
        end as relation_type,
        concat('(', names.list, ') as ', views.view_definition) as definition
    from {{ catalog }}tables as relations
    left join {{ catalog }}views as views
        on relations.table_schema = views.table_schema and relations.table_name = views.table_name
    left join (
        select
            table_schema, table_name,
            array_join(transform(
                array_sort(collect_list(struct(ordinal_position, column_name))),
                named -> concat('`', replace(named.column_name, '`', '``'), '`')
            ), ', ') as list
        from {{ catalog }}columns
        where {{ dbt_opsplugin._in_schemas('table_schema', schemas) }}
        group by table_schema, table_name
    ) as names
        on relations.table_schema = names.table_schema and relations.table_name = names.table_name
    where {{ dbt_opsplugin._in_schemas('relations.table_schema', schemas) }}
{% endmacro %}


{% macro databricks__view_texts(relations) %}
    {#- Of each catalog that this project builds in. A bare name is of the schema that was the current
        one when the view was made, which is not kept there: so every view counts as one of each
        relation's schema, by a name that nothing is dropped under. Of a materialized view, a
        streaming table and a view of somebody else's there is no text: what dbt has built reads what
        the graph says, and any other may read anything. -#}
    {% set built = [] %}
    {% set catalogs = relations | map(attribute='database') | list %}
    {% for node in graph.nodes.values() if node.database %}
        {% do catalogs.append(node.database) %}
        {% do built.append(dbt_opsplugin._relation_key(node.database, node.schema, node.alias)) %}
    {% endfor %}
    {% set spaces = relations | map(attribute='schema') | unique | list %}
    {% set texts = [] %}
    {% for catalog in catalogs | unique if catalog != 'hive_metastore' %}
        {% set quoted = adapter.quote(catalog) ~ '.information_schema.' %}
        {% for database, schema, name, text in dbt_opsplugin.query_rows(
            'select relations.table_catalog, relations.table_schema, relations.table_name, views.view_definition from '
            ~ quoted ~ 'tables as relations left join ' ~ quoted ~ 'views as views'
            ~ ' on relations.table_schema = views.table_schema and relations.table_name = views.table_name'
            ~ " where relations.table_type in ('VIEW', 'MATERIALIZED_VIEW', 'STREAMING_TABLE', 'METRIC_VIEW')"
            ~ " and relations.table_schema <> 'information_schema'"
        ) if text or dbt_opsplugin._relation_key(database, schema, name) not in built %}
            {% do texts.append([database, schema, name, text]) %}
            {% for space in spaces if text and space | lower != schema | lower %}
                {% do texts.append([database, space, schema ~ '.' ~ name, text]) %}
            {% endfor %}
        {% endfor %}
    {% endfor %}
    {% do return(texts) %}
{% endmacro %}
