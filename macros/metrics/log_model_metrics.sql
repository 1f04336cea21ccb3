{% macro log_model_metrics() %}
    {% do dbt_opsplugin._validate_arguments('log_model_metrics', kwargs, []) %}
    {% if not execute or not dbt_opsplugin._is_recorded_command() or dbt_opsplugin._is_partial_data() %}
        {% do return('') %}
    {% endif %}
    {% set metrics = {'row_count': 'count(*)'} %}
    {% do metrics.update(dbt_opsplugin._opsplugin_meta(model).get('metrics') or {}) %}
    {% set expressions = [] %}
    {% for name, expression in metrics.items() %}
        {% do expressions.append(
            'cast(' ~ expression ~ ' as ' ~ dbt_opsplugin.column_type('double') ~ ')'
        ) %}
    {% endfor %}
    {% set values = dbt_opsplugin.query_rows(
        'select ' ~ expressions | join(', ') ~ ' from ' ~ this
    )[0] %}
    {% set rows = [] %}
    {% set text = [] %}
    {% for name in metrics %}
        {% set value = none if values[loop.index0] is none else values[loop.index0] | float %}
        {#- Not a number and infinity are not JSON. -#}
        {% if value is not none and (value != value or value | abs > 1.7e308) %}
            {% set value = none %}
        {% endif %}
        {% do rows.append({
            'invocation_id': invocation_id, 'unique_id': model.unique_id, 'metric': name, 'value': value,
        }) %}
        {% do text.append(name ~ ' ' ~ dbt_opsplugin._readable_number(value)) %}
    {% endfor %}
    {% do dbt_opsplugin._log('log_model_metrics', model.name ~ ': ' ~ text | join(', ')) %}
    {% if dbt_opsplugin._is_enabled() and dbt_opsplugin._ops_table_exists('ops_metrics') %}
        {% do dbt_opsplugin.write_ops_rows('ops_metrics', rows) %}
    {% endif %}
    {% do return('') %}
{% endmacro %}


{% macro _ops_table_exists(name) %}
    {#- By dbt's cache, which asks the database once: this runs for every model. -#}
    {% set relation = dbt_opsplugin.ops_relation(name) %}
    {% do return(adapter.get_relation(
        database=relation.database, schema=relation.schema, identifier=relation.identifier
    ) is not none) %}
{% endmacro %}


{% macro _readable_number(value) %}
    {% if value is none %}
        {% do return('-') %}
    {% elif value == value | int %}
        {% do return('{:,}'.format(value | int)) %}
    {% endif %}
    {% do return('{:,.4f}'.format(value)) %}
{% endmacro %}


{% macro _count_built_tables(result_rows) %}
    {#- Counts every table that this run built, in one statement that is also the insert. -#}
    {% set tables = [] %}
    {% for row in result_rows if row['status'] == 'success' and row['materialized'] in (
        'table', 'incremental', 'snapshot', 'seed'
    ) %}
        {% do tables.append(row) %}
    {% endfor %}
    {% if not tables or dbt_opsplugin._is_partial_data() %}
        {% do return('') %}
    {% endif %}
    {% set counts = [] %}
    {% for row in tables %}
        {% set relation = api.Relation.create(
            database=row['database_name'], schema=row['schema_name'], identifier=row['alias']
        ) %}
        {% do counts.append(
            'select ' ~ dbt_opsplugin.literal(row['unique_id']) ~ ' as unique_id, count(*) as n from ' ~ relation
        ) %}
    {% endfor %}
    {% set metrics = dbt_opsplugin.ops_relation('ops_metrics') %}
    {% do dbt_opsplugin.run_statement(
        'insert into ' ~ metrics ~ ' (invocation_id, unique_id, metric, ' ~ adapter.quote('value')
        ~ ', recorded_at) select ' ~ dbt_opsplugin.literal(invocation_id) ~ ", counts.unique_id, 'row_count', cast(counts.n as "
        ~ dbt_opsplugin.column_type('double') ~ '), cast(' ~ dbt_opsplugin.literal(dbt_opsplugin.utc_now())
        ~ ' as ' ~ dbt_opsplugin.column_type('timestamp') ~ ') from (' ~ counts | join(' union all ')
        ~ ') as counts where not exists (select 1 from ' ~ metrics
        ~ ' as old_rows where old_rows.invocation_id = ' ~ dbt_opsplugin.literal(invocation_id)
        ~ " and old_rows.unique_id = counts.unique_id and old_rows.metric = 'row_count')"
    ) %}
{% endmacro %}
