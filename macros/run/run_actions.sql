{% macro run_actions(actions, before=[]) %}
    {#- Runs what is to be found in the audit log: pairs of a statement and its row, after
        what has none.
        In one transaction, or where DDL cannot be taken back, each row right after its
        statement: what a failure leaves done is then in the log. -#}
    {% if dbt_opsplugin.engine_facts()['ddl_rolls_back'] %}
        {% set statements = actions | map(attribute=0) | list %}
        {% do dbt_opsplugin.run_transaction(before + statements + [dbt_opsplugin._insert_json_sql(
            'ops_actions', dbt_opsplugin.ops_tables()['ops_actions'],
            dbt_opsplugin._json_payload(actions | map(attribute=1) | list)
        )]) %}
    {% else %}
        {% for statement in before %}
            {% do dbt_opsplugin.run_statement(statement) %}
        {% endfor %}
        {% for statement, row in actions %}
            {% do dbt_opsplugin.run_statement(statement) %}
            {% do dbt_opsplugin._write_rows('ops_actions', [row]) %}
        {% endfor %}
    {% endif %}
    {% do return('') %}
{% endmacro %}
