{% macro duckdb__warehouse_state(wanted) %}
    {#- DuckDB shows memory rounded (4GB is '3.7 GiB'): what is wanted holds when it is what
        is shown, or is shown so. -#}
    {%- set settings = {} %}
    {%- for name, value in dbt_opsplugin.query_rows(
        "select name, value from duckdb_settings() where name in ('threads', 'memory_limit')"
    ) %}
        {%- do settings.update({name: value | int if name == 'threads' else value}) %}
    {%- endfor %}
    {%- set state = namespace(matches=true) %}
    {%- for name, value in wanted.items() if settings[name] != value %}
        {%- if name != 'memory_limit'
            or settings[name] != dbt_opsplugin._duckdb_memory_text(dbt_opsplugin._duckdb_memory_amount(value)) %}
            {%- set state.matches = false %}
        {%- endif %}
    {%- endfor %}
    {%- do return({'settings': settings, 'matches': state.matches}) %}
{%- endmacro %}


{% macro _duckdb_memory_text(value) %}
    {#- The amount as DuckDB shows it: whole bytes, in the largest binary unit, cut to a tenth. -#}
    {%- set amount = modules.re.sub('[^0-9.]', '', value) | float %}
    {%- set unit = modules.re.sub('[0-9. ]', '', value) | upper %}
    {%- set base = 1024 if 'I' in unit else 1000 %}
    {%- set bytes = (amount * base ** ['B', 'K', 'M', 'G', 'T'].index(unit[0])) | int %}
    {%- for name, size in [('PiB', 1024 ** 5), ('TiB', 1024 ** 4), ('GiB', 1024 ** 3), ('MiB', 1024 ** 2)]
        if bytes >= size %}
        {%- set tenths = bytes % size // (size // 1024) * 10 // 1024 %}
        {%- do return(bytes // size ~ '.' ~ tenths ~ ' ' ~ name) %}
    {%- endfor %}
    {%- do return(bytes // 1024 ~ '.' ~ bytes % 1024 * 10 // 1024 ~ ' KiB') %}
{%- endmacro %}


{% macro _duckdb_memory_amount(value) %}
    {#- What to set to have this shown. An amount as DuckDB shows it was cut, and set again it would be cut
        once more, model by model: so it is the least one that is shown so, in whole units of the next
        smaller kind. DuckDB shows PiB ('16383.9 PiB' is no limit) and does not read it. -#}
    {%- if not modules.re.match('^[0-9]+[.][0-9] [KMGTP]iB$', value) %}
        {%- do return(value) %}
    {%- endif %}
    {%- set number, unit = value.split(' ') %}
    {%- set whole, tenth = number.split('.') %}
    {%- set smaller = {'K': 'B', 'M': 'KiB', 'G': 'MiB', 'T': 'GiB', 'P': 'TiB'}[unit[0]] %}
    {%- do return((whole | int * 1024 + (tenth | int * 1024 + 9) // 10) ~ smaller) %}
{%- endmacro %}


{% macro duckdb__resize_statements(settings, of) %}
    {%- set statements = [] %}
    {%- for name, value in settings.items() %}
        {%- set amount = dbt_opsplugin._duckdb_memory_amount(value) if name == 'memory_limit' else value %}
        {%- do statements.append('set global ' ~ name ~ ' = ' ~ dbt_opsplugin.literal(amount)) %}
    {%- endfor %}
    {%- do return(statements) %}
{%- endmacro %}


{% macro duckdb__default_warehouse_sizes() %}
    {%- do return({
        'X-SMALL': {'threads': 1, 'memory_limit': '1GB'},
        'SMALL': {'threads': 2, 'memory_limit': '2GB'},
        'MEDIUM': {'threads': 4, 'memory_limit': '4GB'},
        'LARGE': {'threads': 8, 'memory_limit': '8GB'},
        'X-LARGE': {'threads': 16, 'memory_limit': '16GB'},
    }) %}
{%- endmacro %}


{% macro duckdb__warehouse_settings() %}
    {%- do return({
        'threads': {'what': 'a number of threads', 'least': 1},
        'memory_limit': {
            'what': 'an amount of memory', 'pattern': '(?i)^[0-9]+(\\.[0-9]+)? ?[MGT]i?B$',
            'example': '4GB',
        },
    }) %}
{%- endmacro %}
