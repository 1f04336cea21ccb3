{% macro _back_up_what_is_replaced(chosen) %}
    {#- In the way in which it was backed up itself; the name of the set, or none. Where a name brings back what
        was dropped last, that would be what is replaced: it is copied, and set aside until the end. -#}
    {%- set rows = [] %}
    {%- for backup in chosen if backup['details']['in_the_way'] %}
        {%- set relation = backup['details']['in_the_way'] %}
        {%- do rows.append(dict(
            relation, unique_id=backup['unique_id'],
            key=dbt_opsplugin._relation_key(
                relation['database'], relation['schema'], relation['identifier']
            )
        )) %}
    {%- endfor %}
    {%- if not rows %}
        {%- do return(none) %}
    {%- endif %}
    {%- set kind = chosen[0]['details']['kind'] %}
    {%- set set_aside = kind == 'undrop' and dbt_opsplugin.engine_facts()['undrops'] == 'by name' %}
    {%- set options = dbt_opsplugin._backup_options(
        'restore_stg_tables', 'schema' if set_aside else kind, none, none
    ) %}
    {%- do dbt_opsplugin._measure(rows) %}
    {%- do dbt_opsplugin._back_up(rows, options) %}
    {%- for backup in chosen if set_aside and backup['details']['type'] == 'table'
        and (backup['details']['in_the_way'] or {})['type'] == 'table' %}
        {%- set trash = dbt_opsplugin._relation_of_ours(backup['details']['database'], options['schema'], 'x') %}
        {%- do backup['details'].update({
            'aside': trash.without_identifier() ~ '.' ~ adapter.quote(options['set'] ~ '__aside' ~ loop.index)
        }) %}
    {%- endfor %}
    {%- do return(options['set']) %}
{%- endmacro %}


{% macro _restore(chosen) %}
    {#- Tables first, then the views that read them, in one transaction with the audit rows. -#}
    {%- set before = [] %}
    {%- set actions = [] %}
    {%- for backup in chosen %}
        {%- set details = backup['details'] %}
        {%- set facts = dbt_opsplugin.engine_facts() %}
        {%- set create_schema = facts['create_schema'].replace('%s', dbt_opsplugin._quoted(
            [details['database'] if facts['names_database'] else none, details['schema']]
        ).replace('"', facts['ddl_quote'] or '"')) ~ facts['schema_options'] %}
        {%- if create_schema not in before
            and adapter.dispatch('asks_for_schema', 'dbt_opsplugin')(details['database'], details['schema']) %}
            {%- do before.append(create_schema) %}
        {%- endif %}
    {%- endfor %}
    {%- set tables = chosen | selectattr('details.type', 'equalto', 'table') | list %}
    {%- set views = chosen | rejectattr('details.type', 'equalto', 'table') | list %}
    {%- for backup in views + tables if backup['details']['in_the_way'] %}
        {%- set standing = backup['details']['in_the_way'] %}
        {%- do before.append(
            'alter table ' ~ dbt_opsplugin._render(standing) ~ ' rename to ' ~ backup['details']['aside']
            if backup['details']['aside'] else adapter.dispatch('drop_relation_sql', 'dbt_opsplugin')(standing)
        ) %}
    {%- endfor %}
    {%- for backup in tables + (views | reverse | list) %}
        {%- set details = backup['details'] %}
        {%- set statement = adapter.dispatch('restore_relation_sql', 'dbt_opsplugin')(details) %}
        {%- do actions.append([statement, dbt_opsplugin._action_row(
            'restore', 'success', relation=backup['relation'], unique_id=backup['unique_id'],
            reason='restore_stg_tables', details={
                'set': details['set'], 'location': details['location'], 'rows': details['rows'],
                'replaced': details['in_the_way'] is not none,
            }
        )]) %}
    {%- endfor %}
    {%- do dbt_opsplugin.run_actions(actions, before) %}
    {%- for backup in tables %}
        {%- set count = dbt_opsplugin.query_rows(
            'select ' ~ dbt_opsplugin.engine_facts()['row_count'] ~ ' from ' ~ dbt_opsplugin._render(backup['details'])
        )[0][0] | int %}
        {%- set shed = count < backup['details']['rows']
            and adapter.dispatch('sheds_rows', 'dbt_opsplugin')(backup['details']) %}
        {%- if count != backup['details']['rows'] and not shed %}
            {%- do dbt_opsplugin._fail(
                'restore_stg_tables', backup['relation'] ~ ' has ' ~ count ~ ' rows, its backup '
                ~ backup['details']['rows'], 'something writes to it; restore again with replace: true'
            ) %}
        {%- elif backup['details']['aside'] %}
            {%- do dbt_opsplugin.run_statement('drop table ' ~ backup['details']['aside']) %}
        {%- endif %}
    {%- endfor %}
{%- endmacro %}


{% macro default__restore_relation_sql(details) %}
    {#- Of a view, the definition is what follows its name, unless the engine keeps another text. -#}
    {%- if details['undrop'] %}
        {%- do return('undrop table ' ~ details['undrop']) %}
    {%- elif details['type'] == 'view' and details['definition'] %}
        {%- do return('create view ' ~ dbt_opsplugin._render(details) ~ ' ' ~ details['definition']) %}
    {%- elif details['type'] != 'table' %}
        {%- do dbt_opsplugin._fail(
            'restore_stg_tables', 'a ' ~ details['type'] ~ ' cannot be restored on ' ~ target.type,
            'build the model again'
        ) %}
    {%- endif %}
    {%- do return(adapter.dispatch('copy_table_sql', 'dbt_opsplugin')(
        dbt_opsplugin._render(details),
        dbt_opsplugin.backup_source(details['kind'], details['location']), details
    )) %}
{%- endmacro %}
