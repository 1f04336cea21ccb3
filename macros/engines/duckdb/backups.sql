{% macro duckdb__backup_table(relation, options, number) %}
    {%- if options['kind'] == 'schema' %}
        {%- do return(dbt_opsplugin.default__backup_table(relation, options, number)) %}
    {%- endif %}
    {%- set columns = dbt_opsplugin.query_rows(
        'select column_name, column_type from (describe ' ~ dbt_opsplugin._render(relation) ~ ')'
    ) %}
    {%- for name, type in columns %}
        {#- Parquet has no such type and would round or refuse it. -#}
        {%- for inexact in [
            'HUGEINT', 'UHUGEINT', 'BIGNUM', 'VARINT', 'BIT', 'INTERVAL', 'TIME WITH TIME ZONE', 'UNION',
            'VARIANT', 'GEOMETRY'
        ] %}
            {%- if modules.re.search(
                '(^|[ (,])' ~ inexact ~ '([ ,()\\[]|$)',
                modules.re.sub("'[^']*'|\"[^\"]*\"", '', type)
            ) %}
                {%- do dbt_opsplugin._fail(
                    options['macro'], 'column ' ~ name ~ ' of ' ~ dbt_opsplugin._render(relation)
                    ~ ' is ' ~ type ~ ', which Parquet does not hold exactly',
                    'nothing was dropped; use backup: schema' if options['macro'] == 'drop_stg_tables'
                    else 'nothing was replaced; move or drop it yourself first'
                ) %}
            {%- endif %}
        {%- endfor %}
    {%- endfor %}
    {%- set location = options['path'].rstrip('/') ~ '/' ~ options['set'] ~ '/'
        ~ '%04d' | format(number) ~ '.parquet' %}
    {%- do dbt_opsplugin.run_statement(
        'copy (select * from ' ~ dbt_opsplugin._render(relation) ~ ') to '
        ~ dbt_opsplugin.literal(location) ~ ' (format parquet)'
    ) %}
    {%- do return({'location': location, 'columns': columns}) %}
{%- endmacro %}


{% macro duckdb__prepare_backups(options, database) %}
    {#- COPY makes one folder, not its parents, and only for an output of several files. So
        each level gets a small file that says what the folder is. -#}
    {%- if options['kind'] != 'parquet' %}
        {%- do return(dbt_opsplugin.default__prepare_backups(options, database)) %}
    {%- endif %}
    {%- set folder = options['path'].rstrip('/') ~ '/' ~ options['set'] %}
    {%- if dbt_opsplugin.query_rows(
        'select count(*) from glob(' ~ dbt_opsplugin.literal(folder ~ '/*.parquet') ~ ')'
    )[0][0] %}
        {%- do dbt_opsplugin._fail(
            options['macro'], folder ~ ' holds a backup already',
            'nothing was dropped; pass another backup_set, or none to have it named'
        ) %}
    {%- endif %}
    {%- set path = namespace(value='/' if options['path'].startswith('/') else '') %}
    {%- for part in options['path'].split('/') + [options['set']] if part not in ('', '.') %}
        {%- set path.value = path.value ~ part %}
        {%- if '://' not in options['path'] and part != '..' %}
            {%- do dbt_opsplugin._make_folder(path.value, options) %}
        {%- endif %}
        {%- set path.value = path.value ~ '/' %}
    {%- endfor %}
{%- endmacro %}


{% macro _make_folder(path, options) %}
    {%- set there = dbt_opsplugin.query_rows(
        'select count(*) from glob(' ~ dbt_opsplugin.literal(path ~ '/*') ~ ')'
    )[0][0] %}
    {%- if not there %}
        {%- do dbt_opsplugin.run_statement(
            "copy (select 'backups of dbt_opsplugin' as content) to "
            ~ dbt_opsplugin.literal(path)
            ~ " (format csv, per_thread_output true, overwrite_or_ignore true, filename_pattern '_about_{i}')"
        ) %}
    {%- endif %}
{%- endmacro %}


{% macro duckdb__restore_relation_sql(details) %}
    {%- if details['type'] == 'view' %}
        {#- The stored text names the view without its database: only its name is replaced. -#}
        {%- set part = '(?:"(?:[^"]|"")*"|[^\\s."(]+)' %}
        {%- do return('create view ' ~ dbt_opsplugin._render(details) ~ modules.re.sub(
            '(?i)^create view (?:' ~ part ~ '\\.)*' ~ part, '', details['definition']
        )) %}
    {%- elif details['kind'] == 'parquet' %}
        {#- Parquet forgets some types (enums), so each column is cast to what it was. -#}
        {%- set columns = [] %}
        {%- for name, type in details['columns'] %}
            {%- set quoted = adapter.quote(name.replace('"', '""')) %}
            {%- do columns.append('cast(' ~ quoted ~ ' as ' ~ type ~ ') as ' ~ quoted) %}
        {%- endfor %}
        {%- do return('create table ' ~ dbt_opsplugin._render(details) ~ ' as select '
            ~ columns | join(', ') ~ ' from '
            ~ dbt_opsplugin.backup_source(details['kind'], details['location'])) %}
    {%- endif %}
    {%- do return(dbt_opsplugin.default__restore_relation_sql(details)) %}
{%- endmacro %}


{% macro duckdb__check_backup(relation, details) %}
    {%- if details['kind'] == 'parquet' and not dbt_opsplugin.query_rows(
        'select count(*) from glob(' ~ dbt_opsplugin.literal(details['location']) ~ ')'
    )[0][0] %}
        {%- do dbt_opsplugin._fail(
            'restore_stg_tables', 'the backup of ' ~ relation ~ ' is not at ' ~ details['location'],
            'run from the directory that it was made from, or put the file back'
        ) %}
    {%- endif %}
    {%- do dbt_opsplugin.default__check_backup(relation, details) %}
{%- endmacro %}
