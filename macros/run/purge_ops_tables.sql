{% macro purge_ops_tables(days=none, dry_run=false, force=false) %}
    {% do dbt_opsplugin._validate_arguments('purge_ops_tables', kwargs, ['days', 'dry_run', 'force']) %}
    {% if not execute or flags.WHICH != 'run-operation' %}
        {% do return('') %}
    {% endif %}
    {% for argument, value in {'dry_run': dry_run, 'force': force}.items() %}
        {% do dbt_opsplugin._require_boolean('purge_ops_tables', argument, value) %}
    {% endfor %}
    {% if days is boolean or days is not integer or days < 1 %}
        {% do dbt_opsplugin._fail(
            'purge_ops_tables', 'days is ' ~ (days | string) ~ ', not a whole number of days',
            'pass how many days of history to keep, such as days: 90'
        ) %}
    {% elif not dbt_opsplugin._is_production() and not force %}
        {% do dbt_opsplugin._fail(
            'purge_ops_tables', 'target ' ~ target.name ~ ' is not production',
            dbt_opsplugin._production_remedy()
        ) %}
    {% endif %}
    {% set found = dbt_opsplugin._existing_ops_columns() %}
    {% set statements = [] %}
    {% for table in dbt_opsplugin.ops_tables() if table in found %}
        {% set condition = dbt_opsplugin._purge_condition(table, days) %}
        {% set count = dbt_opsplugin.query_rows(
            'select count(*) from ' ~ dbt_opsplugin.ops_relation(table) ~ ' where ' ~ condition
        )[0][0] %}
        {% do dbt_opsplugin._log('purge_ops_tables', table ~ ': ' ~ '{:,}'.format(count | int)
            ~ (' rows would be deleted' if dry_run else ' rows deleted')) %}
        {% if count %}
            {% do statements.append(
                'delete from ' ~ dbt_opsplugin.ops_relation(table) ~ ' where ' ~ condition
            ) %}
        {% endif %}
    {% endfor %}
    {% if not dry_run %}
        {% do dbt_opsplugin._expire_backups() %}
        {% do dbt_opsplugin.run_transaction(statements) %}
    {% endif %}
    {% do return('') %}
{% endmacro %}


{% macro _purge_condition(table, days) %}
    {#- Two kinds of old rows stay: the newest version of a node, which says what it is now,
        and the record of a backup that still exists, without which it cannot be restored. -#}
    {% set limit = (
        modules.datetime.datetime.now(modules.pytz.utc) - modules.datetime.timedelta(days=days)
    ).strftime('%Y-%m-%d %H:%M:%S') %}
    {% set condition = 'recorded_at < cast(' ~ dbt_opsplugin.literal(limit) ~ ' as '
        ~ dbt_opsplugin.column_type('timestamp') ~ ')' %}
    {% if table == 'ops_nodes' %}
        {% set condition = condition ~ ' and exists (select 1 from '
            ~ dbt_opsplugin.ops_relation('ops_nodes') ~ ' as newer where newer.unique_id = '
            ~ dbt_opsplugin.ops_relation('ops_nodes') ~ '.unique_id and newer.recorded_at > '
            ~ dbt_opsplugin.ops_relation('ops_nodes') ~ '.recorded_at)' %}
    {% elif table == 'ops_actions' %}
        {% set kept = [] %}
        {% for backup in dbt_opsplugin._recorded_backups() %}
            {% do kept.append(dbt_opsplugin.literal(backup['action_id'])) %}
        {% endfor %}
        {% if kept %}
            {% set condition = condition ~ ' and action_id not in (' ~ kept | join(', ') ~ ')' %}
        {% endif %}
    {% endif %}
    {% do return(condition) %}
{% endmacro %}
