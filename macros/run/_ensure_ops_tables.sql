{% macro _ensure_ops_tables() %}
    {#- Creates what is missing and adds what is older than this package; one metadata query
        when nothing is. A newer package's tables are left as they are: they hold more. -#}
    {% set found = dbt_opsplugin._existing_ops_columns() %}
    {% set version = dbt_opsplugin._ops_version() %}
    {% set found_version = found.get('ops_version', ['']) | first %}
    {#- The first 18 letters are the package's version. -#}
    {% set is_newer = found_version[:18] > version[:18] %}
    {% set statements = dbt_opsplugin._missing_table_statements(found) %}
    {% set missing_views = dbt_opsplugin._ops_view_names() | reject('in', found) | list %}
    {% if not is_newer and (statements or missing_views or found_version != version) %}
        {% for view, sql in dbt_opsplugin._ops_views().items() %}
            {% do statements.append(
                'create or replace view ' ~ dbt_opsplugin.ops_relation(view) ~ ' as ' ~ sql
            ) %}
        {% endfor %}
        {% do statements.append(
            'create or replace view ' ~ dbt_opsplugin.ops_relation('ops_version') ~ ' as select 1 as '
            ~ adapter.quote(version)
        ) %}
    {% endif %}
    {% do dbt_opsplugin.run_transaction(statements) %}
    {% do return('') %}
{% endmacro %}


{% macro _missing_table_statements(found) %}
    {% set statements = [] %}
    {% if not found %}
        {% do statements.append(dbt_opsplugin._create_schema_sql(dbt_opsplugin.ops_relation('x'))) %}
    {% endif %}
    {% for table, spec in dbt_opsplugin.ops_tables().items() %}
        {% if table not in found %}
            {% do statements.append(dbt_opsplugin._create_table_sql(table, spec['columns'])) %}
        {% else %}
            {% for column, type in spec['columns'].items() if column not in found[table] %}
                {% do statements.append(
                    'alter table ' ~ dbt_opsplugin.ops_relation(table) ~ ' add column '
                    ~ adapter.quote(column) ~ ' ' ~ dbt_opsplugin.column_types()[type]
                ) %}
            {% endfor %}
        {% endif %}
    {% endfor %}
    {% do return(statements) %}
{% endmacro %}


{% macro _create_table_sql(table, columns) %}
    {% set lines = [] %}
    {% for column, type in columns.items() %}
        {% do lines.append(adapter.quote(column) ~ ' ' ~ dbt_opsplugin.column_types()[type]) %}
    {% endfor %}
    {% do return(
        'create table if not exists ' ~ dbt_opsplugin.ops_relation(table)
        ~ ' (' ~ lines | join(', ') ~ ')'
    ) %}
{% endmacro %}


{% macro _create_schema_sql(relation) %}
    {% do return('create schema if not exists ' ~ relation.without_identifier()) %}
{% endmacro %}


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
