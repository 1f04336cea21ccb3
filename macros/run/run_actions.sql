{% macro run_actions(actions, before=[]) %}
    {#- Runs what is to be found in the audit log: pairs of a statement, or of several, and their row,
        after what has none.
        In one transaction, or where DDL cannot be taken back, each row right after its
        statement: what a failure leaves done is then in the log. -#}
    {%- if dbt_opsplugin.engine_facts()['ddl_rolls_back'] %}
        {%- set statements = [] %}
        {%- for statement, row in actions %}
            {%- do statements.extend([statement] if statement is string else statement) %}
        {%- endfor %}
        {%- do dbt_opsplugin.run_transaction(before + statements + [dbt_opsplugin._insert_json_sql(
            'ops_actions', dbt_opsplugin.ops_tables()['ops_actions'],
            dbt_opsplugin._json_payload(actions | map(attribute=1) | list)
        )]) %}
    {%- else %}
        {%- for statement in before %}
            {%- do dbt_opsplugin.run_statement(statement) %}
        {%- endfor %}
        {%- for statement, row in actions %}
            {%- for sql in ([statement] if statement is string else statement) %}
                {%- do dbt_opsplugin.run_statement(sql) %}
            {%- endfor %}
            {%- do dbt_opsplugin._write_rows('ops_actions', [row]) %}
        {%- endfor %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}
