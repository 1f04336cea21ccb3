{% macro databricks__prepare_backups(options, database) %}
    {#- Whether a schema keeps what is dropped is tried: no catalog tells (`retain dropped`), nor who may bring it
        back. -#}
    {%- if options['kind'] != 'undrop' %}
        {%- do return(dbt_opsplugin.default__prepare_backups(options, database)) %}
    {%- elif not dbt_opsplugin._has_information_schema(database) %}
        {%- do dbt_opsplugin._fail(
            options['macro'], 'backup: undrop does not exist in ' ~ (database or 'hive_metastore')
            ~ ', which is not of Unity Catalog', 'nothing was dropped; use backup: schema'
        ) %}
    {%- endif %}
    {%- for schema in options['schemas'] %}
        {%- set trial = {
            'database': database, 'schema': schema,
            'identifier': 'dbt_opsplugin_trial_' ~ local_md5(options['set'] ~ invocation_id)[:8],
        } %}
        {%- do dbt_opsplugin.run_statement('create table ' ~ dbt_opsplugin._render(trial) ~ ' (id int)') %}
        {%- set created = dbt_opsplugin._created_at(trial) %}
        {%- do dbt_opsplugin.run_statement('drop table ' ~ dbt_opsplugin._render(trial)) %}
        {%- if dbt_opsplugin._dropped_versions(trial, created) | length != 1 %}
            {%- do dbt_opsplugin._fail(
                options['macro'], 'a table that was dropped in ' ~ dbt_opsplugin._quoted([database, schema])
                ~ ' for a trial is not among those that Databricks would bring back',
                'nothing else was dropped; see what the schema says of "retain dropped", or use backup: schema'
            ) %}
        {%- endif %}
    {%- endfor %}
{%- endmacro %}


{% macro databricks__backup_table(relation, options, number) %}
    {#- A schema keeps what is dropped for 7 to 30 days, if at all. -#}
    {%- if options['kind'] != 'undrop' %}
        {%- do return(dbt_opsplugin.default__backup_table(relation, options, number)) %}
    {%- endif %}
    {%- set until = (
        modules.datetime.datetime.now(modules.pytz.utc) + modules.datetime.timedelta(days=7)
    ).strftime('%Y-%m-%d %H:%M:%S') %}
    {%- do return({
        'location': 'undrop until ' ~ until, 'columns': [], 'until': until,
        'created': dbt_opsplugin._created_at(relation),
    }) %}
{%- endmacro %}


{% macro databricks__check_backup(relation, details) %}
    {%- if details['kind'] != 'undrop' %}
        {%- do return(dbt_opsplugin.default__check_backup(relation, details)) %}
    {%- endif %}
    {%- set versions = dbt_opsplugin._dropped_versions(details, details['created']) %}
    {%- if versions | length != 1 %}
        {%- do dbt_opsplugin._fail(
            'restore_stg_tables', relation ~ ' of backup set ' ~ details['set'] ~ ', created at ' ~ details['created']
            ~ ', is not among the tables that Databricks would bring back (show tables dropped): it was to be kept'
            ~ ' until ' ~ details['until'], 'choose another backup_set, or build the model again'
        ) %}
    {%- elif versions[0][1] > details['dropped_by'] %}
        {#- `create or replace` leaves a table its id. -#}
        {%- do dbt_opsplugin._fail(
            'restore_stg_tables', relation ~ ' of backup set ' ~ details['set'] ~ ' was brought back and dropped again,'
            ~ ' at ' ~ versions[0][1] ~ ' (UTC)',
            'bring it back by undrop table, if what was changed in it meanwhile may stay'
        ) %}
    {%- endif %}
    {%- do details.update({'undrop': 'with id ' ~ dbt_opsplugin.literal(versions[0][0])}) %}
{%- endmacro %}


{% macro _created_at(relation) %}
    {#- To the second, in UTC: the one thing that says of a table which of the dropped ones it will be. -#}
    {%- for row in dbt_opsplugin.query_rows(
        "select cast(convert_timezone('UTC', created) as string) from " ~ adapter.quote(relation['database'])
        ~ '.information_schema.tables where table_schema = ' ~ dbt_opsplugin.literal(relation['schema'])
        ~ ' and table_name = ' ~ dbt_opsplugin.literal(relation['identifier'])
    ) %}
        {%- do return(row[0][:19]) %}
    {%- endfor %}
    {%- do dbt_opsplugin._fail(
        'drop_stg_tables', dbt_opsplugin._render(relation) ~ ' is not in the information schema',
        'nothing of this project was dropped; use backup: schema'
    ) %}
{%- endmacro %}


{% macro _dropped_versions(relation, created) %}
    {#- id and time of the drop, of the dropped tables of this name that were created then. Databricks has times as
        text: "2026-11-28 AD at 04:01:43 UTC". -#}
    {%- set versions = [] %}
    {%- for row in dbt_opsplugin.query_rows(
        'show tables dropped in ' ~ dbt_opsplugin._quoted([relation['database'], relation['schema']])
    ) if row[2] == relation['identifier'] %}
        {%- set times = [] %}
        {%- for text in [row[5], row[6]] %}
            {%- set parts = modules.re.findall('[0-9]+-[0-9]+-[0-9]+|[0-9]+:[0-9]+:[0-9]+', text | string) %}
            {%- do times.append(parts[:2] | join(' ')) %}
        {%- endfor %}
        {%- if times[1] == created %}
            {%- do versions.append([row[3], times[0]]) %}
        {%- endif %}
    {%- endfor %}
    {%- do return(versions) %}
{%- endmacro %}


{% macro databricks__copy_table_sql(copy, source, relation) %}
    {#- A deep clone is a table of its own: what is vacuumed of the source stays in it. -#}
    {%- do return('create table ' ~ copy ~ ' deep clone ' ~ source) %}
{%- endmacro %}
