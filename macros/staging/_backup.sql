{% macro _backup_options(macro, backup, backup_path, backup_set) %}
    {#- {kind, path, schema, set}: the arguments over the vars, checked. -#}
    {% set kind = dbt_opsplugin._config('backup') if backup is none else backup %}
    {% set kinds = ['parquet', 'schema', 'none'] %}
    {% if kind is not none and kind not in kinds %}
        {% do dbt_opsplugin._fail(
            macro, 'backup is ' ~ kind ~ ', not one of ' ~ kinds | join(', '),
            'did you mean ' ~ dbt_opsplugin._nearest(kind | string, kinds) ~ '?'
        ) %}
    {% endif %}
    {% set name = backup_set or (
        run_started_at.strftime('%Y%m%dT%H%M%SZ') ~ '_' ~ invocation_id[:8]
    ) %}
    {% if name is not string or modules.re.sub('[A-Za-z0-9_.-]', '', name) != '' or name.startswith('.') %}
        {% do dbt_opsplugin._fail(
            macro, 'backup_set is ' ~ (name | string) ~ ', which cannot name a folder',
            'use letters, digits, -, _ and .'
        ) %}
    {% endif %}
    {% do return({
        'kind': none if kind == 'none' else kind,
        'path': backup_path or dbt_opsplugin._config('backup_path'),
        'schema': dbt_opsplugin._config('backup_schema'),
        'set': name,
    }) %}
{% endmacro %}


{% macro _back_up(rows, options) %}
    {#- Copies every table and verifies its row count; a view is kept by its definition. One
        audit row each. Raises before anything is dropped. -#}
    {% for backup in dbt_opsplugin._recorded_backups() if backup['details']['set'] == options['set'] %}
        {% do dbt_opsplugin._fail(
            'drop_stg_tables', 'backup set ' ~ options['set'] ~ ' exists',
            'nothing was dropped; pass another backup_set, or none to have it named'
        ) %}
    {% endfor %}
    {% set copies = [] %}
    {% set actions = [] %}
    {% do dbt_opsplugin.prepare_backups(options, rows[0]['database']) %}
    {% for row in rows %}
        {% set details = {
            'set': options['set'], 'kind': options['kind'], 'type': row['type'],
            'rows': row['rows'], 'definition': row['definition'], 'database': row['database'],
            'schema': row['schema'], 'identifier': row['identifier'], 'location': none,
            'columns': [],
        } %}
        {% if row['type'] == 'table' %}
            {% do details.update(dbt_opsplugin.backup_table(row, options, loop.index)) %}
            {% do copies.append([row, details]) %}
        {% endif %}
        {% do actions.append(dbt_opsplugin._action_row(
            'backup', 'success', relation=dbt_opsplugin._render(row),
            unique_id=row['unique_id'], reason='before it is dropped', details=details
        )) %}
    {% endfor %}
    {% for row, details in copies %}
        {% set counts = dbt_opsplugin.query_rows(
            'select (select count(*) from ' ~ dbt_opsplugin._render(row) ~ '), (select count(*) from '
            ~ dbt_opsplugin.backup_source(options['kind'], details['location']) ~ ')'
        )[0] %}
        {% if counts[0] != counts[1] %}
            {% do dbt_opsplugin._fail(
                'drop_stg_tables',
                'the backup of ' ~ dbt_opsplugin._render(row) ~ ' at ' ~ details['location'] ~ ' has '
                ~ counts[1] ~ ' rows, the relation ' ~ counts[0],
                'nothing was dropped; see that nothing writes to it and run again'
            ) %}
        {% endif %}
        {% do details.update({'rows': counts[0] | int}) %}
    {% endfor %}
    {% do dbt_opsplugin.write_ops_rows('ops_actions', actions) %}
{% endmacro %}


{% macro prepare_backups(options, database) %}
    {{ return(adapter.dispatch('prepare_backups', 'dbt_opsplugin')(options, database)) }}
{% endmacro %}


{% macro default__prepare_backups(options, database) %}
    {% if options['kind'] != 'schema' %}
        {% do dbt_opsplugin._fail(
            'drop_stg_tables', 'backup: ' ~ options['kind'] ~ ' does not exist on ' ~ target.type,
            'use backup: schema'
        ) %}
    {% endif %}
    {% do dbt_opsplugin.run_statement(dbt_opsplugin._create_schema_sql(api.Relation.create(
        database=database, schema=options['schema'], identifier='x'
    ))) %}
{% endmacro %}


{% macro duckdb__prepare_backups(options, database) %}
    {#- COPY makes one folder, not its parents, and only for an output of several files. So
        each level gets a small file that says what the folder is. -#}
    {% if options['kind'] == 'schema' %}
        {% do return(dbt_opsplugin.default__prepare_backups(options, database)) %}
    {% endif %}
    {% set path = namespace(value='/' if options['path'].startswith('/') else '') %}
    {% for part in options['path'].split('/') + [options['set']] if part not in ('', '.') %}
        {% set path.value = path.value ~ part %}
        {% if '://' not in options['path'] and part != '..' %}
            {% do dbt_opsplugin._make_folder(path.value, options) %}
        {% endif %}
        {% set path.value = path.value ~ '/' %}
    {% endfor %}
{% endmacro %}


{% macro _make_folder(path, options) %}
    {% set there = dbt_opsplugin.query_rows(
        'select count(*) from glob(' ~ dbt_opsplugin.literal(path ~ '/*') ~ ')'
    )[0][0] %}
    {% if not there %}
        {% do dbt_opsplugin.run_statement(
            "copy (select 'backups of dbt_opsplugin' as content) to "
            ~ dbt_opsplugin.literal(path)
            ~ " (format csv, per_thread_output true, overwrite_or_ignore true, filename_pattern '_about_{i}')"
        ) %}
    {% endif %}
{% endmacro %}


{% macro backup_table(relation, options, number) %}
    {#- Copies one table and returns {location, columns}. -#}
    {{ return(adapter.dispatch('backup_table', 'dbt_opsplugin')(relation, options, number)) }}
{% endmacro %}


{% macro default__backup_table(relation, options, number) %}
    {% set copy = api.Relation.create(
        database=relation['database'], schema=options['schema'],
        identifier=options['set'] ~ '__' ~ '%04d' | format(number)
    ) %}
    {% do dbt_opsplugin.run_statement(
        'create table ' ~ copy ~ ' as select * from ' ~ dbt_opsplugin._render(relation)
    ) %}
    {% do return({'location': copy | string, 'columns': []}) %}
{% endmacro %}


{% macro duckdb__backup_table(relation, options, number) %}
    {% if options['kind'] == 'schema' %}
        {% do return(dbt_opsplugin.default__backup_table(relation, options, number)) %}
    {% endif %}
    {% set columns = dbt_opsplugin.query_rows(
        'select column_name, column_type from (describe ' ~ dbt_opsplugin._render(relation) ~ ')'
    ) %}
    {% for name, type in columns %}
        {#- Parquet has no such type and would round or refuse it. -#}
        {% for inexact in ['HUGEINT', 'BIGNUM', 'VARINT', 'BIT', 'INTERVAL', 'TIME WITH TIME ZONE', 'UNION', 'VARIANT', 'GEOMETRY'] %}
            {% if modules.re.sub("'[^']*'", '', type).find(inexact) >= 0 %}
                {% do dbt_opsplugin._fail(
                    'drop_stg_tables', 'column ' ~ name ~ ' of ' ~ dbt_opsplugin._render(relation)
                    ~ ' is ' ~ type ~ ', which Parquet does not hold exactly',
                    'nothing was dropped; use backup: schema'
                ) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% set location = options['path'].rstrip('/') ~ '/' ~ options['set'] ~ '/'
        ~ '%04d' | format(number) ~ '.parquet' %}
    {% do dbt_opsplugin.run_statement(
        'copy (select * from ' ~ dbt_opsplugin._render(relation) ~ ') to '
        ~ dbt_opsplugin.literal(location) ~ ' (format parquet)'
    ) %}
    {% do return({'location': location, 'columns': columns}) %}
{% endmacro %}


{% macro backup_source(kind, location) %}
    {#- What to select a backup from. -#}
    {% do return(
        'read_parquet(' ~ dbt_opsplugin.literal(location) ~ ')' if kind == 'parquet' else location
    ) %}
{% endmacro %}


{% macro _expire_backups() %}
    {#- Backups older than opsplugin_backup_retention_days go. SQL cannot delete a file: a
        Parquet backup is overwritten by an empty one. -#}
    {% set days = dbt_opsplugin._config('backup_retention_days') %}
    {% set limit = (
        modules.datetime.datetime.now(modules.pytz.utc) - modules.datetime.timedelta(days=days)
    ).strftime('%Y-%m-%d %H:%M:%S') %}
    {% for backup in dbt_opsplugin._recorded_backups() if backup['recorded_at'] < limit %}
        {% if backup['details']['location'] %}
            {% do dbt_opsplugin._expire_backup(backup['details']) %}
        {% endif %}
        {% do dbt_opsplugin.write_ops_rows('ops_actions', [dbt_opsplugin._action_row(
            'expire', 'success', relation=backup['relation'], unique_id=backup['unique_id'],
            reason='older than ' ~ days ~ ' days', details={'backup': backup['action_id']}
        )]) %}
    {% endfor %}
{% endmacro %}


{% macro _expire_backup(details) %}
    {% if details['kind'] == 'schema' %}
        {% do dbt_opsplugin.run_statement('drop table if exists ' ~ details['location']) %}
    {% else %}
        {% set there = dbt_opsplugin.query_rows(
            'select count(*) from glob(' ~ dbt_opsplugin.literal(details['location']) ~ ')'
        )[0][0] %}
        {% if there %}
            {% do dbt_opsplugin.run_statement(
                "copy (select 'expired' as content where false) to "
                ~ dbt_opsplugin.literal(details['location']) ~ ' (format parquet)'
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}


{% macro _recorded_backups() %}
    {#- Backups of this target that have not expired, oldest first, from the audit log. -#}
    {% set expired = [] %}
    {% set backups = [] %}
    {% if 'ops_actions' in dbt_opsplugin._existing_ops_columns() %}
        {% for action, id, relation, unique_id, details, at in dbt_opsplugin.query_rows(
            dbt_opsplugin._backup_actions_sql()
        ) %}
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
    {% do return(backups | rejectattr('action_id', 'in', expired) | list) %}
{% endmacro %}


{% macro _backup_actions_sql() %}
    select
        action, action_id, relation, unique_id, cast(details as {{ dbt.type_string() }}),
        cast(recorded_at as {{ dbt.type_string() }})
    from {{ dbt_opsplugin.ops_relation('ops_actions') }}
    where action in ('backup', 'expire')
        and status = 'success'
        and target_name = {{ dbt_opsplugin.literal(target.name) }}
    order by recorded_at, action_id
{% endmacro %}
