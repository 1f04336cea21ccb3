{% macro _existing_relations(nodes) %}
    {#- key -> {database, schema, identifier, type, definition} of what really stands in the
        schemas of the given nodes, named as the database names it. -#}
    {% set schemas = {} %}
    {% for node in nodes %}
        {% do schemas.setdefault(node.database, {}).update({node.schema | lower: node.schema}) %}
    {% endfor %}
    {% set relations = {} %}
    {% for database, names in schemas.items() %}
        {% for row in dbt_opsplugin.query_rows(
            dbt_opsplugin.relations_sql(database, names.values() | list)
        ) %}
            {% do relations.update({dbt_opsplugin._relation_key(row[0], row[1], row[2]): {
                'database': row[0], 'schema': row[1], 'identifier': row[2], 'type': row[3],
                'definition': row[4],
            }}) %}
        {% endfor %}
    {% endfor %}
    {% do return(relations) %}
{% endmacro %}


{% macro relations_sql(database, schemas) %}
    {{ return(adapter.dispatch('relations_sql', 'dbt_opsplugin')(database, schemas)) }}
{% endmacro %}


{% macro default__relations_sql(database, schemas) %}
    {% do dbt_opsplugin._fail(
        'relations_sql', 'relations cannot be listed on ' ~ target.type,
        'use a supported engine (see the support table in the README)'
    ) %}
{% endmacro %}


{% macro _render(relation) %}
    {#- A relation of _existing_relations as quoted SQL, by its real name. -#}
    {% do return(dbt_opsplugin._quoted(
        [relation['database'], relation['schema'], relation['identifier']]
    )) %}
{% endmacro %}


{% macro _quoted(names) %}
    {% set parts = [] %}
    {% for name in names if name %}
        {% do parts.append(adapter.quote(name.replace('"', '""'))) %}
    {% endfor %}
    {% do return(parts | join('.')) %}
{% endmacro %}
