{% macro bigquery__relation_rows(schemas, query) %}
    {#- A statement for each dataset that there is: those of two places cannot be read by one. The
        definition of a view is the statement that makes it, with its options. -#}
    {%- set rows = dbt_opsplugin.query_rows(query) if query else [] %}
    {%- for database, names in schemas.items() %}
        {%- for schema in adapter.list_schemas(database) if schema | lower in names %}
            {%- do rows.extend(dbt_opsplugin.query_rows(
                adapter.dispatch('relations_sql', 'dbt_opsplugin')(database, [schema])
            )) %}
        {%- endfor %}
    {%- endfor %}
    {%- do return(rows) %}
{%- endmacro %}


{% macro bigquery__relations_sql(database, schemas) %}
    select
        table_catalog, table_schema, table_name,
        case table_type
            when 'EXTERNAL' then 'external table' when 'SNAPSHOT' then 'snapshot table'
            when 'VIEW' then 'view' when 'MATERIALIZED VIEW' then 'materialized view'
            else if(ddl like '%require_partition_filter=true%', 'table that asks for a partition filter', 'table')
        end,
        case
            when table_type = 'VIEW' then ddl
            when ddl like '%partition_expiration_days=%' then 'partitions expire'
        end
    from {{ dbt_opsplugin._quoted([database, schemas[0]]) }}.INFORMATION_SCHEMA.TABLES
{% endmacro %}


{% macro bigquery__view_texts(relations) %}
    {#- Of all datasets in the places where a relation is, in each project that this one builds in. A
        name with a star stands for every table that begins so: those are written out. -#}
    {%- set places = [] %}
    {%- for relation in relations %}
        {%- do places.append('region-' ~ adapter.get_dataset_location(api.Relation.create(
            database=relation['database'], schema=relation['schema'], identifier=relation['identifier']
        )) | lower) %}
    {%- endfor %}
    {%- set databases = relations | map(attribute='database') | list %}
    {%- for node in graph.nodes.values() if node.database %}
        {%- do databases.append(node.database) %}
    {%- endfor %}
    {%- set texts = [] %}
    {%- for place in places | unique %}
        {%- for database in databases | unique %}
            {%- set catalog = dbt_opsplugin._quoted([database, place]) ~ '.INFORMATION_SCHEMA' %}
            {%- for row in dbt_opsplugin.query_rows(
                'select table_catalog, table_schema, table_name, ddl from ' ~ catalog
                ~ ".TABLES where table_type in ('VIEW', 'MATERIALIZED VIEW') union all"
                ~ ' select routine_catalog, routine_schema, routine_name, ddl from ' ~ catalog ~ '.ROUTINES'
            ) %}
                {%- do texts.append(row[:3] + [dbt_opsplugin._without_stars(row[3], relations)]) %}
            {%- endfor %}
        {%- endfor %}
    {%- endfor %}
    {%- do return(texts) %}
{%- endmacro %}


{% macro _without_stars(ddl, relations) %}
    {%- set named = [ddl] %}
    {%- for schema, start in modules.re.findall('([A-Za-z0-9_]+)`?\\s*\\.\\s*`?([A-Za-z0-9_-]*)\\*', ddl or '') %}
        {%- for relation in relations if relation['identifier'].startswith(start) and relation['schema'] == schema %}
            {%- do named.append(schema ~ '.' ~ relation['identifier']) %}
        {%- endfor %}
    {%- endfor %}
    {%- do return(named | join(' ') if ddl else none) %}
{%- endmacro %}


{% macro bigquery__size_rows(relations) %}
    {#- From metadata, for each dataset: those of two places cannot be read by one statement. -#}
    {%- set datasets = {} %}
    {%- for relation in relations %}
        {%- do datasets.setdefault(dbt_opsplugin._quoted([relation['database'], relation['schema']]), [])
            .append(relation) %}
    {%- endfor %}
    {%- set rows = [] %}
    {%- for tables in datasets.values() %}
        {%- do rows.extend(dbt_opsplugin.query_rows(adapter.dispatch('sizes_sql', 'dbt_opsplugin')(tables))) %}
    {%- endfor %}
    {%- do return(rows) %}
{%- endmacro %}


{% macro bigquery__sizes_sql(relations) %}
    {% set names = [] %}
    {% for relation in relations %}
        {% do names.append(dbt_opsplugin.literal(relation['identifier'])) %}
    {% endfor %}
    {% set relation = relations[0] %}
    select
        lower({{ dbt_opsplugin.literal(relation['database'] ~ '.' ~ relation['schema'] ~ '.') }} || table_name),
        coalesce(sum(total_rows), 0), sum(total_logical_bytes)
    from {{ dbt_opsplugin._quoted([relation['database'], relation['schema']]) }}.INFORMATION_SCHEMA.PARTITIONS
    where table_name in ({{ names | join(', ') }})
    group by table_name
{% endmacro %}
