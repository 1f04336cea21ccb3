{% macro _expire_backups(macro, except_set=none, dry_run=false) %}
    {#- Backups older than opsplugin_backup_retention_days go, but never the set just made. SQL cannot delete a file: a
        Parquet backup is overwritten by an empty one. What the engine keeps has its own time (until). -#}
    {%- set days = dbt_opsplugin._config('backup_retention_days') %}
    {%- set limit = dbt_opsplugin._minutes_ago(days * 24 * 60) %}
    {%- for backup in dbt_opsplugin._recorded_backups()
        if (backup['details']['until'] < dbt_opsplugin.utc_now() if backup['details']['until']
            else backup['recorded_at'] < limit) and backup['details']['set'] != except_set %}
        {%- set reason = target.type ~ ' kept it until ' ~ backup['details']['until'] if backup['details']['until']
            else 'older than ' ~ days ~ ' days' %}
        {%- do dbt_opsplugin._log(
            macro, 'the backup of ' ~ backup['relation'] ~ ' in set ' ~ backup['details']['set']
            ~ (' would expire: ' if dry_run else ' expires: ') ~ reason, dry_run
        ) %}
        {%- set gone = namespace(status='success') %}
        {%- if backup['details']['location'] and backup['details']['kind'] != 'undrop' and not dry_run %}
            {%- set gone.status = dbt_opsplugin._expire_backup(backup['details']) %}
        {%- endif %}
        {%- if not dry_run %}
            {%- do dbt_opsplugin._write_rows('ops_actions', [dbt_opsplugin._action_row(
                'expire', gone.status, relation=backup['relation'], unique_id=backup['unique_id'],
                reason=reason, details={'backup': backup['action_id']}
            )]) %}
        {%- endif %}
    {%- endfor %}
{%- endmacro %}


{% macro _expire_backup(details) %}
    {#- 'success', or 'missing' where the file is not to be found from here: then the backup
        counts as one that still exists. -#}
    {%- if details['kind'] == 'schema' %}
        {%- do dbt_opsplugin.run_statement(
            'drop table if exists '
            ~ details['location'].replace('"', dbt_opsplugin.engine_facts()['ddl_quote'] or '"')
            ~ dbt_opsplugin._drop_end(details['format'])
        ) %}
    {%- else %}
        {%- set there = dbt_opsplugin.query_rows(
            'select count(*) from glob(' ~ dbt_opsplugin.literal(details['location']) ~ ')'
        )[0][0] %}
        {%- if not there %}
            {%- do return('missing') %}
        {%- endif %}
        {%- do dbt_opsplugin.run_statement(
            "copy (select 'expired' as content where false) to "
            ~ dbt_opsplugin.literal(details['location']) ~ ' (format parquet)'
        ) %}
    {%- endif %}
    {%- do return('success') %}
{%- endmacro %}


{% macro _recorded_backups(everywhere=false) %}
    {#- Backups of this target, or of all, that have not expired, oldest first and those of a set as it
        was dropped, from the audit log. -#}
    {% set expired = [] %}
    {% set backups = [] %}
    {% if 'ops_actions' in dbt_opsplugin._existing_ops_columns() %}
        {% set query %}
            select
                action, action_id, relation, unique_id, {{ dbt_opsplugin._json_text('details') }},
                {{ dbt_opsplugin._time_text('recorded_at') }}
            from {{ dbt_opsplugin.ops_relation('ops_actions') }} as actions
            where action in ('backup', 'expire')
                and status = 'success'
                {{ 'and ' ~ dbt_opsplugin._of_this_environment('actions') if not everywhere }}
            order by recorded_at, action_id
        {% endset %}
        {% for action, id, relation, unique_id, details, at in dbt_opsplugin.query_rows(query) %}
            {% set details = fromjson(details) %}
            {% if action == 'expire' %}
                {% do expired.append(details['backup']) %}
            {% else %}
                {% do backups.append({
                    'action_id': id, 'relation': relation, 'unique_id': unique_id,
                    'details': details, 'recorded_at': at,
                }) %}
            {% endif %}
        {% endfor %}
    {% endif %}
    {#- One insert has one time for all its rows. -#}
    {% set ordered = [] %}
    {% for backup in backups if backup['action_id'] not in expired %}
        {% do ordered.append([backup['recorded_at'], backup['details']['number'] or 0, loop.index, backup]) %}
    {% endfor %}
    {% do return(ordered | sort | map('last') | list) %}
{% endmacro %}
