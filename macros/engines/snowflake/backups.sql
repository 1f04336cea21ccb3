{% macro snowflake__backup_table(relation, options, number) %}
    {#- What undrop shall bring back is not copied: the drop leaves it within its time travel, of which the
        shortest for what is transient is what counts. -#}
    {%- if options['kind'] != 'undrop' %}
        {%- do return(dbt_opsplugin.default__backup_table(relation, options, number)) %}
    {%- endif %}
    {%- for version in dbt_opsplugin._versions(relation) if not version['dropped_at'] %}
        {%- set days = [version['days'], 1] | min if relation['definition'] == 'transient' else version['days'] %}
        {%- if days < 1 %}
            {%- do dbt_opsplugin._fail(
                options['macro'], dbt_opsplugin._render(relation) ~ ' has data_retention_time_in_days = ' ~ days
                ~ ', so Snowflake would not keep it', 'nothing was dropped; set it to 1 or more, or use backup: schema'
            ) %}
        {%- endif %}
        {%- set until = (
            modules.datetime.datetime.now(modules.pytz.utc) + modules.datetime.timedelta(days=days)
        ).strftime('%Y-%m-%d %H:%M:%S') %}
        {%- do return({
            'location': 'undrop until ' ~ until, 'columns': [], 'until': until, 'created': version['created_at'],
        }) %}
    {%- endfor %}
    {%- do dbt_opsplugin._fail(
        options['macro'], 'Snowflake does not show ' ~ dbt_opsplugin._render(relation) ~ ' to role ' ~ target.role,
        'nothing was dropped; drop it as its owner, or use backup: schema'
    ) %}
{%- endmacro %}


{% macro snowflake__check_backup(relation, details) %}
    {#- That the very table can be brought back, and how: by its name, which is that of the version dropped
        last, or by the id that only the usage of the account tells, some time later. -#}
    {%- if details['kind'] != 'undrop' %}
        {%- do return(dbt_opsplugin.default__check_backup(relation, details)) %}
    {%- endif %}
    {%- set backup = relation ~ ' of backup set ' ~ details['set'] %}
    {%- set versions = dbt_opsplugin._versions(details) %}
    {%- set ours = versions | selectattr('created_at', 'equalto', details['created']) | list | first %}
    {%- if not ours %}
        {%- do dbt_opsplugin._fail(
            'restore_stg_tables', 'Snowflake does not keep ' ~ backup ~ ' any more, or under another name: it was to'
            ~ ' be kept until ' ~ details['until'], 'choose another backup_set, or build the model again'
        ) %}
    {%- elif not ours['dropped_at'] %}
        {%- do dbt_opsplugin._fail(
            'restore_stg_tables', backup ~ ' is not dropped: it stands there', 'leave it out by relations: [...]'
        ) %}
    {%- elif ours['rows'] is not none and ours['rows'] | int != details['rows'] %}
        {%- do dbt_opsplugin._fail(
            'restore_stg_tables', backup ~ ' has ' ~ ours['rows'] ~ ' rows in time travel, not ' ~ details['rows'],
            'choose another backup_set, or build the model again'
        ) %}
    {%- elif ours['dropped_at'] > details['dropped_by'] %}
        {%- do dbt_opsplugin._fail(
            'restore_stg_tables', backup ~ ' was brought back and dropped again, at ' ~ ours['dropped_at'] ~ ' (UTC)',
            'bring it back by undrop table, if what was changed in it meanwhile may stay'
        ) %}
    {%- elif versions | map(attribute='dropped_at') | select | max == ours['dropped_at'] %}
        {%- do details.update({'undrop': dbt_opsplugin._render(details)}) %}
        {%- do return('') %}
    {%- endif %}
    {%- set ids = dbt_opsplugin.query_rows(
        'select table_id from snowflake.account_usage.tables where table_catalog = '
        ~ dbt_opsplugin.literal(details['database']) ~ ' and table_schema = '
        ~ dbt_opsplugin.literal(details['schema']) ~ ' and table_name = '
        ~ dbt_opsplugin.literal(details['identifier']) ~ ' and deleted is not null and created = to_timestamp_tz('
        ~ dbt_opsplugin.literal(details['created'] ~ ' +00:00') ~ ')'
    ) %}
    {%- if ids | length != 1 %}
        {%- do dbt_opsplugin._fail(
            'restore_stg_tables', backup ~ ' is not the version that was dropped last, which undrop would bring back,'
            ~ ' and snowflake.account_usage.tables does not tell its id yet',
            'run again when that view is up to date, in an hour and a half at most'
        ) %}
    {%- endif %}
    {%- do details.update({'undrop': 'identifier(' ~ ids[0][0] ~ ')'}) %}
{%- endmacro %}


{% macro _versions(relation) %}
    {#- Of a name: what stands and what was dropped and is kept. By show, which alone tells of the latter. -#}
    {%- set versions = [] %}
    {%- for row in dbt.run_query(
        'show tables history like ' ~ dbt_opsplugin.literal(relation['identifier']) ~ ' in database '
        ~ adapter.quote(relation['database'])
    ).rows if row['schema_name'] == relation['schema'] and row['name'] == relation['identifier'] %}
        {%- set times = [] %}
        {%- for time in [row['created_on'], row['dropped_on']] %}
            {%- do times.append(
                time.astimezone(modules.pytz.utc).strftime('%Y-%m-%d %H:%M:%S.%f') if time else ''
            ) %}
        {%- endfor %}
        {%- do versions.append({
            'created_at': times[0], 'dropped_at': times[1], 'rows': row['rows'],
            'days': row['retention_time'] | int,
        }) %}
    {%- endfor %}
    {%- do return(versions) %}
{%- endmacro %}


{% macro snowflake__copy_table_sql(copy, source, relation) %}
    {#- No data is copied. What is transient (the definition says so, _existing_relations) can
        only be cloned to what is. -#}
    {%- set kind = 'transient table ' if relation['definition'] == 'transient' else 'table ' %}
    {%- do return('create ' ~ kind ~ copy ~ ' clone ' ~ source) %}
{%- endmacro %}


{% macro snowflake__restore_relation_sql(details) %}
    {%- if details['type'] == 'view' %}
        {#- The stored text may be of another name, as after a swap: only its head is replaced. -#}
        {%- set part = '(?:"(?:[^"]|"")*"|[^\\s."(]+)' %}
        {%- set head = '(?is)^.*?\\bview\\s+(?:if\\s+not\\s+exists\\s+)?(?:' ~ part ~ '\\.)*' ~ part %}
        {%- set definition = details['definition'] %}
        {%- if not modules.re.match('(?is)^\\s*create\\b', definition) %}
            {%- set definition = 'create view x as ' ~ definition %}
        {%- endif %}
        {%- set secure = 'secure ' if modules.re.match(
            '(?is)^\\s*create\\s+(?:or\\s+replace\\s+)?secure\\b', definition
        ) else '' %}
        {%- do return('create ' ~ secure ~ 'view ' ~ dbt_opsplugin._render(details)
            ~ modules.re.sub(head, '', definition, count=1)) %}
    {%- endif %}
    {%- do return(dbt_opsplugin.default__restore_relation_sql(details)) %}
{%- endmacro %}
