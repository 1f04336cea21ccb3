{% macro _existing_relations(nodes) %}
    {#- key -> {database, schema, identifier, type, definition} of what really stands in the
        schemas of the given nodes, named as the database names it. -#}
    {%- set schemas = {} %}
    {%- for node in nodes if (node.schema | lower) not in schemas.get(node.database, []) %}
        {%- do schemas.setdefault(node.database, []).append(node.schema | lower) %}
    {%- endfor %}
    {%- set relations = {} %}
    {%- for row in adapter.dispatch('relation_rows', 'dbt_opsplugin')(schemas, none) %}
        {%- set key = dbt_opsplugin._relation_key(row[0], row[1], row[2]) %}
        {%- do relations.update({key: {
            'database': row[0], 'schema': row[1], 'identifier': row[2], 'definition': row[4],
            'type': row[3], 'is_one_of_several': key in relations,
        }}) %}
    {%- endfor %}
    {%- do return(relations) %}
{%- endmacro %}


{% macro default__relation_rows(schemas, query) %}
    {%- set parts = [query] if query else [] %}
    {%- for database, names in schemas.items() %}
        {%- do parts.append(
            'select * from (' ~ adapter.dispatch('relations_sql', 'dbt_opsplugin')(database, names) ~ ') as existing'
        ) %}
    {%- endfor %}
    {%- do return(dbt_opsplugin.query_rows(parts | join('\nunion all\n')) if parts else []) %}
{%- endmacro %}


{% macro _in_schemas(column, schemas) %}
    {#- A condition: the column is one of the names, in whatever case. -#}
    {%- set names = [] %}
    {%- for schema in schemas %}
        {%- do names.append(dbt_opsplugin.literal(schema | lower)) %}
    {%- endfor %}
    {%- do return('lower(' ~ column ~ ') in (' ~ names | join(', ') ~ ')') %}
{%- endmacro %}


{% macro _differs_by_case(relation, schema, identifier) %}
    {#- Whether what stands there may be another relation than the one that is meant. -#}
    {%- if relation['is_one_of_several'] %}
        {%- do return(true) %}
    {%- endif %}
    {%- set case = dbt_opsplugin.engine_facts()['names_have_case'] %}
    {%- for real, meant in [[relation['schema'], schema], [relation['identifier'], identifier]] if case %}
        {%- set unquoted = meant | lower if case == 'lower' else meant | upper if case == 'upper' else meant %}
        {%- if real not in (meant, unquoted) %}
            {%- do return(true) %}
        {%- endif %}
    {%- endfor %}
    {%- do return(false) %}
{%- endmacro %}


{% macro _render(relation) %}
    {#- A relation of _existing_relations as quoted SQL, by its real name. -#}
    {%- do return(dbt_opsplugin._quoted(
        [relation['database'], relation['schema'], relation['identifier']]
    )) %}
{%- endmacro %}


{% macro _quoted(names) %}
    {%- set parts = [] %}
    {%- for name in names if name %}
        {%- do parts.append(adapter.quote(name.replace('"', '""'))) %}
    {%- endfor %}
    {%- do return(parts | join('.')) %}
{%- endmacro %}
