{% macro _ensure_ops_tables(observed=false) %}
    {#- Creates what is missing and adds what is older than this package; one metadata query
        when nothing is. A newer package's tables are left as they are: they hold more.
        Returns whether the tables are there: observed, they may not be (observed_statements). -#}
    {%- set found = dbt_opsplugin._existing_ops_columns() %}
    {%- set version = dbt_opsplugin._ops_version() %}
    {%- set found_version = found.get('ops_version', ['']) | first %}
    {%- set incomplete = dbt_opsplugin._ops_view_names() | reject('in', found) | list %}
    {%- for table, spec in dbt_opsplugin.ops_tables().items() %}
        {%- if found.get(table, []) | length < spec['columns'] | length %}
            {%- do incomplete.append(table) %}
        {%- endif %}
    {%- endfor %}
    {%- if found_version == version and not incomplete %}
        {#- As usual: what follows is not even compiled. -#}
        {%- do return(true) %}
    {%- endif %}
    {%- do return(dbt_opsplugin._make_ops_tables(found, version, found_version, incomplete, observed)) %}
{%- endmacro %}


{% macro _make_ops_tables(found, version, found_version, incomplete, observed) %}
    {#- The first 18 letters are the package's version. -#}
    {%- set is_newer = found_version[:18] > version[:18] %}
    {%- set statements = dbt_opsplugin._missing_table_statements(found) %}
    {%- set views = {} %}
    {%- if not is_newer and (statements or incomplete or found_version != version) %}
        {%- do views.update(dbt_opsplugin._ops_views()) %}
        {%- do views.update({'ops_version': 'select 1 as ' ~ adapter.quote(version)}) %}
    {%- endif %}
    {%- if not statements and not views %}
        {%- do return(true) %}
    {%- endif %}
    {%- set catches = dbt_opsplugin.engine_facts()['catches_errors'] %}
    {%- if not catches or (statements and not observed) %}
        {%- do dbt_opsplugin.run_transaction(adapter.dispatch('definition_statements', 'dbt_opsplugin')(
            statements, {} if catches else views, false
        )) %}
        {%- set statements = [] %}
    {%- endif %}
    {%- if catches and (statements or views) %}
        {%- do dbt_opsplugin.run_observed(adapter.dispatch('definition_statements', 'dbt_opsplugin')(
            statements, views, true
        )) %}
        {%- if observed %}
            {%- do return(not dbt_opsplugin._missing_table_statements(dbt_opsplugin._existing_ops_columns())) %}
        {%- endif %}
        {#- Rows go without the views, one of which somebody else's view may hold. -#}
        {%- do dbt_opsplugin._warn_of_caught_errors(true, 'ops_views') %}
    {%- endif %}
    {%- do return(true) %}
{%- endmacro %}


{% macro default__definition_statements(tables, views, observed) %}
    {#- Tables and views apart: a view that cannot be made shall not keep a table from it. -#}
    {%- set replacements = [] %}
    {%- set options = dbt_opsplugin.engine_facts()['view_options'] %}
    {%- for view, sql in views.items() %}
        {%- do replacements.append(
            'create or replace view ' ~ dbt_opsplugin.ops_relation(view) ~ options ~ ' as ' ~ sql
        ) %}
    {%- endfor %}
    {%- if not observed %}
        {%- do return(tables + replacements) %}
    {%- endif %}
    {%- do return(
        dbt_opsplugin.observed_statements(tables) + dbt_opsplugin.observed_statements(replacements)
    ) %}
{%- endmacro %}


{% macro _missing_table_statements(found) %}
    {%- set facts = dbt_opsplugin.engine_facts() %}
    {%- set statements = [] %}
    {%- set schema = dbt_opsplugin.ops_relation('x') %}
    {%- if not found and adapter.dispatch('asks_for_schema', 'dbt_opsplugin')(schema.database, schema.schema) %}
        {%- do statements.append(dbt_opsplugin._create_schema_sql(schema)) %}
    {%- endif %}
    {%- set types = facts['ddl_types'] or facts['types'] %}
    {%- for table, spec in dbt_opsplugin.ops_tables().items() %}
        {%- set name = dbt_opsplugin.ops_relation(table) %}
        {%- if facts['ddl_quote'] %}
            {%- set name = (name.include(database=false) | string).replace('"', facts['ddl_quote']) %}
        {%- endif %}
        {%- if table not in found %}
            {%- set lines = [] %}
            {%- for column, type in spec['columns'].items() %}
                {%- do lines.append(column ~ ' ' ~ facts['column_types'].get(column, types[type])) %}
            {%- endfor %}
            {%- do statements.append(
                facts['create_table'].replace('%s', name | string) ~ ' (' ~ lines | join(', ') ~ ')'
                ~ facts['table_options'].replace('%s', table)
            ) %}
        {%- else %}
            {%- for column, type in spec['columns'].items() if column not in found[table] %}
                {%- do statements.append(
                    'alter table ' ~ name ~ ' ' ~ facts['add_column'].replace('%s', column ~ ' ' ~ types[type])
                ) %}
            {%- endfor %}
        {%- endif %}
    {%- endfor %}
    {%- do return(statements) %}
{%- endmacro %}


{% macro _create_schema_sql(relation) %}
    {%- set facts = dbt_opsplugin.engine_facts() %}
    {%- set schema = relation.without_identifier().include(database=facts['names_database']) %}
    {%- do return(
        facts['create_schema'].replace('%s', (schema | string).replace('"', facts['ddl_quote'] or '"'))
        ~ facts['schema_options']
    ) %}
{%- endmacro %}
