{% macro default_warehouse_sizes() %}
    {#- size -> what it means on this engine, a mapping of settings. -#}
    {{ return(adapter.dispatch('default_warehouse_sizes', 'dbt_opsplugin')()) }}
{% endmacro %}


{% macro default__default_warehouse_sizes() %}
    {% do return(dbt_opsplugin._no_warehouse()) %}
{% endmacro %}


{% macro duckdb__default_warehouse_sizes() %}
    {% do return({
        'X-SMALL': {'threads': 1, 'memory_limit': '1GB'},
        'SMALL': {'threads': 2, 'memory_limit': '2GB'},
        'MEDIUM': {'threads': 4, 'memory_limit': '4GB'},
        'LARGE': {'threads': 8, 'memory_limit': '8GB'},
        'X-LARGE': {'threads': 16, 'memory_limit': '16GB'},
    }) %}
{% endmacro %}


{% macro postgres__default_warehouse_sizes() %}
    {% do return({
        'X-SMALL': {'work_mem': '4MB', 'maintenance_work_mem': '64MB', 'max_parallel_workers_per_gather': 0},
        'SMALL': {'work_mem': '16MB', 'maintenance_work_mem': '128MB', 'max_parallel_workers_per_gather': 1},
        'MEDIUM': {'work_mem': '64MB', 'maintenance_work_mem': '256MB', 'max_parallel_workers_per_gather': 2},
        'LARGE': {'work_mem': '256MB', 'maintenance_work_mem': '1GB', 'max_parallel_workers_per_gather': 4},
        'X-LARGE': {'work_mem': '1GB', 'maintenance_work_mem': '2GB', 'max_parallel_workers_per_gather': 8},
    }) %}
{% endmacro %}


{% macro warehouse_settings() %}
    {#- setting -> what may stand for it: a whole number (`least`), or a text (`pattern`). -#}
    {{ return(adapter.dispatch('warehouse_settings', 'dbt_opsplugin')()) }}
{% endmacro %}


{% macro default__warehouse_settings() %}
    {% do return(dbt_opsplugin._no_warehouse()) %}
{% endmacro %}


{% macro duckdb__warehouse_settings() %}
    {% do return({
        'threads': {'what': 'a number of threads', 'least': 1},
        'memory_limit': {
            'what': 'an amount of memory', 'pattern': '(?i)^[0-9]+(\\.[0-9]+)? ?[MGT]i?B$',
            'example': '4GB',
        },
    }) %}
{% endmacro %}


{% macro postgres__warehouse_settings() %}
    {% set memory = {
        'what': 'an amount of memory', 'pattern': '^[0-9]+ ?(kB|MB|GB|TB)$', 'example': '64MB',
    } %}
    {% do return({
        'work_mem': memory, 'maintenance_work_mem': memory,
        'max_parallel_workers_per_gather': {'what': 'a number of workers', 'least': 0},
    }) %}
{% endmacro %}


{% macro _validate_warehouse_settings(size, settings) %}
    {% set place = 'opsplugin_warehouse_sizes: ' ~ size %}
    {% set known = dbt_opsplugin.warehouse_settings() %}
    {% if settings is not mapping or not settings %}
        {% do dbt_opsplugin._fail(
            'set_warehouse_size', place ~ ' is ' ~ (settings | string) ~ ', not a mapping of settings',
            'write it as {threads: 4, memory_limit: 4GB}, with the settings ' ~ known | join(', ')
        ) %}
    {% endif %}
    {% for name, value in settings.items() %}
        {% set setting = known[name] %}
        {% if name not in known %}
            {% do dbt_opsplugin._fail(
                'set_warehouse_size', name ~ ' in ' ~ place ~ ' is not a setting of a size',
                'did you mean ' ~ dbt_opsplugin._nearest(name | string, known | list) ~ '?'
            ) %}
        {% endif %}
        {% set right = modules.re.match(setting['pattern'], value | string) if setting['pattern']
            else value is not boolean and value is integer and value >= setting['least'] %}
        {% if not right %}
            {% do dbt_opsplugin._fail(
                'set_warehouse_size',
                name ~ ' in ' ~ place ~ ' is ' ~ (value | string) ~ ', not ' ~ setting['what'],
                'use a number with a unit, such as ' ~ setting['example'] if setting['pattern']
                else 'use ' ~ setting['least'] ~ ' or more'
            ) %}
        {% endif %}
    {% endfor %}
{% endmacro %}


{% macro _no_warehouse() %}
    {% do dbt_opsplugin._fail(
        'set_warehouse_size', 'there is no warehouse size on ' ~ target.type,
        'use a supported engine (see the support table in the README)'
    ) %}
{% endmacro %}
