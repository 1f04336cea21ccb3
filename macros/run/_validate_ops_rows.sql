{% macro _of_different_keys(table, rows) %}
    {%- set first = {} %}
    {%- for row in rows %}
        {%- set key = [] %}
        {%- for column in dbt_opsplugin.ops_tables()[table]['key'] %}
            {%- do key.append(row[column] | string) %}
        {%- endfor %}
        {%- do first.setdefault(key | join('\n'), row) %}
    {%- endfor %}
    {%- do return(first.values() | list) %}
{%- endmacro %}


{% macro _validate_ops_rows(table, rows) %}
    {#- A name that is not there, and a value of another kind, would be lost without a word. -#}
    {%- set tables = dbt_opsplugin.ops_tables() %}
    {%- if table not in tables | list %}
        {%- do dbt_opsplugin._fail(
            'write_ops_rows', 'table is ' ~ table ~ ', not one of ' ~ tables | join(', '),
            'nothing was written; did you mean ' ~ dbt_opsplugin._nearest(table | string, tables) ~ '?'
        ) %}
    {%- endif %}
    {%- if rows is string or rows is mapping or rows is not iterable or rows | reject('mapping') | list %}
        {%- do dbt_opsplugin._fail(
            'write_ops_rows', 'rows is ' ~ (rows | string) ~ ', not a list of mappings',
            'nothing was written; pass [{column: value}]'
        ) %}
    {%- endif %}
    {#- What an engine would refuse, DuckDB makes null. -#}
    {%- set forms = {'bigint': '(?i)-?[0-9]+([.]0*)?(e[+]?[0-9]+)?$', 'boolean': '(?i)(true|false)$',
        'double': '(?i)-?(inf|[0-9.]+(e[-+]?[0-9]+)?$)|nan'} %}
    {%- set columns = tables[table]['columns'] %}
    {%- for row in rows %}
        {%- for column in row %}
            {%- if column not in columns %}
                {%- do dbt_opsplugin._fail(
                    'write_ops_rows', column ~ ' is not a column of ' ~ table,
                    'nothing was written; did you mean ' ~ dbt_opsplugin._nearest(column | string, columns) ~ '?'
                ) %}
            {%- elif row[column] is not none and row[column] is defined and
                not modules.re.match(forms.get(columns[column], ''), row[column] | string) %}
                {%- do dbt_opsplugin._fail(
                    'write_ops_rows', column ~ ' is ' ~ dbt_opsplugin._as_written(row[column]) ~ ', not a '
                    ~ columns[column], 'nothing was written; leave out what is not known'
                ) %}
            {%- endif %}
        {%- endfor %}
        {%- for column in tables[table]['key'] if row[column] is none or row[column] is undefined %}
            {%- do dbt_opsplugin._fail(
                'write_ops_rows', 'a row of ' ~ table ~ ' has no ' ~ column ~ ', which tells it from others',
                'nothing was written; give every row its ' ~ tables[table]['key'] | join(' and ')
            ) %}
        {%- endfor %}
    {%- endfor %}
{%- endmacro %}
