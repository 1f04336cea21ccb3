{% macro _ensure_ops_tables(observed=false) %}
    {#- Creates what is missing and adds what is older than this package; one metadata query
        when nothing is. A newer package's tables are left as they are: they hold more.
        Returns whether the tables are there: observed, they may not be (observed_statements). -#}
    {% set found = dbt_opsplugin._existing_ops_columns() %}
    {% set version = dbt_opsplugin._ops_version() %}
    {% set found_version = found.get('ops_version', ['']) | first %}
    {#- The first 18 letters are the package's version. -#}
    {% set is_newer = found_version[:18] > version[:18] %}
    {% set statements = dbt_opsplugin._missing_table_statements(found) %}
    {% set missing_views = dbt_opsplugin._ops_view_names() | reject('in', found) | list %}
    {% set views = {} %}
    {% if not is_newer and (statements or missing_views or found_version != version) %}
        {% do views.update(dbt_opsplugin._ops_views()) %}
        {% do views.update({'ops_version': 'select 1 as ' ~ adapter.quote(version)}) %}
    {% endif %}
    {% if not statements and not views %}
        {% do return(true) %}
    {% endif %}
    {% set definitions = dbt_opsplugin.definition_statements(statements, views, observed) %}
    {% if not observed or not dbt_opsplugin.engine_facts()['catches_errors'] %}
        {% do dbt_opsplugin.run_transaction(definitions) %}
    {% else %}
        {% do dbt_opsplugin.run_observed(definitions) %}
        {% do return(not dbt_opsplugin._missing_table_statements(dbt_opsplugin._existing_ops_columns())) %}
    {% endif %}
    {% do return(true) %}
{% endmacro %}


{% macro definition_statements(tables, views, observed) %}
    {#- The statements for the tables, and those that put views (name -> select) in place. -#}
    {{ return(adapter.dispatch('definition_statements', 'dbt_opsplugin')(tables, views, observed)) }}
{% endmacro %}


{% macro default__definition_statements(tables, views, observed) %}
    {#- Tables and views apart: a view that cannot be made shall not keep a table from it. -#}
    {% set replacements = [] %}
    {% set options = dbt_opsplugin.engine_facts()['view_options'] %}
    {% for view, sql in views.items() %}
        {% do replacements.append(
            'create or replace view ' ~ dbt_opsplugin.ops_relation(view) ~ options ~ ' as ' ~ sql
        ) %}
    {% endfor %}
    {% if not observed %}
        {% do return(tables + replacements) %}
    {% endif %}
    {% do return(
        dbt_opsplugin.observed_statements(tables) + dbt_opsplugin.observed_statements(replacements)
    ) %}
{% endmacro %}


{% macro _missing_table_statements(found) %}
    {% set facts = dbt_opsplugin.engine_facts() %}
    {% set statements = [] %}
    {% set schema = dbt_opsplugin.ops_relation('x') %}
    {% if not found and dbt_opsplugin.asks_for_schema(schema.database, schema.schema) %}
        {% do statements.append(dbt_opsplugin._create_schema_sql(schema)) %}
    {% endif %}
    {% for table, spec in dbt_opsplugin.ops_tables().items() %}
        {% if table not in found %}
            {% do statements.append(dbt_opsplugin._create_table_sql(table, spec['columns'])) %}
        {% else %}
            {% for column, type in spec['columns'].items() if column not in found[table] %}
                {% do statements.append(
                    'alter table ' ~ dbt_opsplugin.ops_relation(table) ~ ' ' ~ facts['add_column']
                    ~ ' ' ~ column ~ ' ' ~ facts['types'][type]
                ) %}
            {% endfor %}
        {% endif %}
    {% endfor %}
    {% do return(statements) %}
{% endmacro %}


{% macro _create_table_sql(table, columns) %}
    {% set facts = dbt_opsplugin.engine_facts() %}
    {% set lines = [] %}
    {% for column, type in columns.items() %}
        {% do lines.append(column ~ ' ' ~ facts['column_types'].get(column, facts['types'][type])) %}
    {% endfor %}
    {% do return(
        'create table if not exists ' ~ dbt_opsplugin.ops_relation(table)
        ~ ' (' ~ lines | join(', ') ~ ')' ~ facts['table_options']
    ) %}
{% endmacro %}


{% macro _create_schema_sql(relation) %}
    {% set facts = dbt_opsplugin.engine_facts() %}
    {% set schema = relation.without_identifier().include(database=facts['names_database']) %}
    {% do return(facts['create_schema'] ~ ' if not exists ' ~ schema ~ facts['schema_options']) %}
{% endmacro %}
