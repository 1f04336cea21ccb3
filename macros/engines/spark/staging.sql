{% macro spark__relation_rows(schemas, query) %}
    {#- There is no catalog to query beside the query: a statement for each schema. Of a table, the
        definition says of which format it is. An external one stays: its files outlive it, and
        Spark would refuse to build the model there again. -#}
    {%- set rows = dbt_opsplugin.query_rows(query) if query else [] %}
    {%- set names = schemas.values() | sum(start=[]) %}
    {%- for schema, name, shown in (dbt_opsplugin._shown_tables(names, '*') if names else []) %}
        {%- set type = dbt_opsplugin._shown_type(shown) %}
        {%- do rows.append([
            none, schema, name, type,
            dbt_opsplugin._view_definition(shown) if type == 'view' else dbt_opsplugin._shown_format(shown),
        ]) %}
    {%- endfor %}
    {%- do return(rows) %}
{%- endmacro %}


{% macro _view_definition(shown) %}
    {#- What follows the name in the statement that makes it: a view may give its columns names. -#}
    {%- set columns = [] %}
    {%- for column in dbt_opsplugin._shown_columns(shown) %}
        {%- do columns.append(adapter.quote(column.replace('`', '``'))) %}
    {%- endfor %}
    {%- do return('(' ~ columns | join(', ') ~ ') as ' ~ dbt_opsplugin._view_text(shown)) %}
{%- endmacro %}


{% macro _view_text(shown) %}
    {%- for text in modules.re.findall(
        '(?s)\\nView Text: (.*?)\\nView (?:Original Text|Schema Mode|Catalog and Namespace): ', shown
    ) %}
        {%- do return(text) %}
    {%- endfor %}
    {%- do return(shown) %}
{%- endmacro %}


{% macro spark__view_texts(relations) %}
    {#- Of all schemas. A bare name in a view is of the schema that was the current one when the view
        was made. Where that is another than its own, the view counts as one of there too, by a name
        that nothing is dropped under; where it is not told, as of an Iceberg view, so does every schema.
        dbt leaves `default` the current one and writes whole names. -#}
    {%- set of_relations = relations | map(attribute='schema') | map('lower') | list %}
    {%- set spaces = [] %}
    {%- for row in dbt_opsplugin.query_rows('show schemas') %}
        {%- for view in dbt_opsplugin.query_rows('show views in ' ~ adapter.quote(row[0])) if not view[2] %}
            {%- do spaces.append(row[0]) %}
        {%- endfor %}
    {%- endfor %}
    {%- set texts = [] %}
    {%- for schema, name, shown in (dbt_opsplugin._shown_tables(spaces, '*') if spaces else [])
        if dbt_opsplugin._shown(shown, 'Type') == 'VIEW' %}
        {%- set text = '' if dbt_opsplugin._hides_its_text(schema, name, shown) else dbt_opsplugin._view_text(shown) %}
        {%- set namespace = dbt_opsplugin._shown(shown, 'View Catalog and Namespace') %}
        {%- do texts.append([none, schema, name, text]) %}
        {%- for space in ([namespace.split('.')[-1]] if namespace else of_relations) | unique
            if text and space | lower != schema | lower and space | lower in of_relations %}
            {%- do texts.append([none, space, schema ~ '.' ~ name, text, true]) %}
        {%- endfor %}
    {%- endfor %}
    {%- do return(texts) %}
{%- endmacro %}


{% macro _hides_its_text(schema, name, shown) %}
    {#- A view of Trino; or one of Iceberg that has been replaced, of which a Hive metastore keeps the first
        text (until Iceberg 1.10), and others read the last one. Of what dbt builds, the graph says it. -#}
    {%- if '\nView Text: /* Presto' in shown %}
        {%- do return(true) %}
    {%- elif not dbt_opsplugin._shown_property(shown, 'previous_metadata_location') %}
        {%- do return(false) %}
    {%- endif %}
    {%- set key = dbt_opsplugin._relation_key(none, schema, name) %}
    {%- for node in graph.nodes.values()
        if node.schema and dbt_opsplugin._relation_key(none, node.schema, node.alias) == key %}
        {%- do return(false) %}
    {%- endfor %}
    {%- do return(schema | lower != dbt_opsplugin.ops_relation('x').schema | lower) %}
{%- endmacro %}
