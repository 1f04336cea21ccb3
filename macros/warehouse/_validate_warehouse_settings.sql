{% macro _validate_warehouse_sizes() %}
    {#- Those that this engine has nothing to do with are for another target. -#}
    {%- set known = adapter.dispatch('warehouse_settings', 'dbt_opsplugin')() %}
    {%- for size, settings in dbt_opsplugin._config('warehouse_sizes').items()
        if settings is not mapping or settings | select('in', known) | list %}
        {%- do dbt_opsplugin._validate_warehouse_settings(size, settings) %}
    {%- endfor %}
{%- endmacro %}


{% macro _validate_warehouse_settings(size, settings) %}
    {%- set place = 'opsplugin_warehouse_sizes: ' ~ size %}
    {%- set known = adapter.dispatch('warehouse_settings', 'dbt_opsplugin')() %}
    {%- if settings is not mapping or not settings %}
        {%- do dbt_opsplugin._fail(
            'set_warehouse_size', place ~ ' is ' ~ (settings | string) ~ ', not a mapping of settings',
            'write it as {threads: 4, memory_limit: 4GB}, with the settings ' ~ known | join(', ')
        ) %}
    {%- endif %}
    {%- for name, value in settings.items() %}
        {%- set setting = known[name] %}
        {%- if name not in known %}
            {%- do dbt_opsplugin._fail(
                'set_warehouse_size', name ~ ' in ' ~ place ~ ' is not a setting of a size',
                'did you mean ' ~ dbt_opsplugin._nearest(name | string, known | list) ~ '?'
            ) %}
        {%- endif %}
        {%- if setting['alone'] and settings | length > 1 %}
            {%- do dbt_opsplugin._fail(
                'set_warehouse_size', place ~ ' has ' ~ settings | join(' and ') ~ ', of which ' ~ name
                ~ ' stands alone', 'take the other out'
            ) %}
        {%- endif %}
        {%- if setting['needs'] and not settings | select('in', setting['needs']) | list %}
            {%- do dbt_opsplugin._fail(
                'set_warehouse_size', place ~ ' has ' ~ name ~ ' without ' ~ setting['needs'] | join(' or '), 'add it'
            ) %}
        {%- endif %}
        {%- set right = modules.re.match(setting['pattern'], value | string) if setting['pattern']
            else value is not boolean and value is integer and value >= setting['least'] %}
        {%- if not right %}
            {%- do dbt_opsplugin._fail(
                'set_warehouse_size',
                name ~ ' in ' ~ place ~ ' is ' ~ dbt_opsplugin._as_written(value) ~ ', not ' ~ setting['what'],
                'use one such as ' ~ setting['example'] if setting['pattern']
                else 'use ' ~ setting['least'] ~ ' or more'
            ) %}
        {%- endif %}
    {%- endfor %}
{%- endmacro %}
