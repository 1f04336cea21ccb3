{% macro _existing_ops_columns() %}
    {#- table -> its columns, of what stands in the ops schema now. -#}
    {% set found = {} %}
    {% for row in dbt_opsplugin.query_rows(
        dbt_opsplugin._ops_columns_sql(dbt_opsplugin.ops_relation('x'))
    ) %}
        {% do found.setdefault(row[0] | lower, []).append(row[1] | lower) %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}


{% macro _ops_columns_sql(relation) %}
    {{ return(adapter.dispatch('_ops_columns_sql', 'dbt_opsplugin')(relation)) }}
{% endmacro %}


{% macro default___ops_columns_sql(relation) %}
    select table_name, column_name
    from {{ relation.information_schema('columns') }}
    where lower(table_schema) = lower({{ dbt_opsplugin.literal(relation.schema) }})
        and table_name like 'ops%'
{% endmacro %}


{% macro duckdb___ops_columns_sql(relation) %}
    {#- Not information_schema: it loads the whole catalog of every attached database. -#}
    select table_name, column_name
    from duckdb_columns()
    where lower(database_name) = lower({{ dbt_opsplugin.literal(relation.database) }})
        and lower(schema_name) = lower({{ dbt_opsplugin.literal(relation.schema) }})
        and table_name like 'ops%'
{% endmacro %}


{% macro postgres___ops_columns_sql(relation) %}
    {#- Of what may be read, for the rest is as good as missing. With a row for a schema that holds
        nothing yet: who may not make one may be given it. -#}
    select cast(relations.relname as text), cast(columns.attname as text)
    from pg_catalog.pg_namespace as spaces
    inner join pg_catalog.pg_class as relations on relations.relnamespace = spaces.oid
    inner join pg_catalog.pg_attribute as columns on columns.attrelid = relations.oid
    where lower(spaces.nspname) = lower({{ dbt_opsplugin.literal(relation.schema) }})
        and relations.relname like 'ops%'
        and relations.relkind in ('r', 'p', 'v')
        and columns.attnum > 0
        and not columns.attisdropped
        and has_table_privilege(relations.oid, 'select')
    union all
    select '', ''
    from pg_catalog.pg_namespace
    where lower(nspname) = lower({{ dbt_opsplugin.literal(relation.schema) }})
{% endmacro %}
