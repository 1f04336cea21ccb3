{% macro _warehouse_size(macro, size, for_this_engine=true) %}
    {#- {name, settings} of a size: from opsplugin_warehouse_sizes over the engine's own. One of which this
        engine has no setting is for another target, and refused where it would be used here. -#}
    {%- set key = dbt_opsplugin._size_key(size) %}
    {%- set names, found = [], {} %}
    {%- set usual = adapter.dispatch('default_warehouse_sizes', 'dbt_opsplugin')() %}
    {%- if dbt_opsplugin._config('warehouse_sizes') is not mapping %}{% do dbt_opsplugin._validate_vars() %}{% endif %}
    {%- for sizes in [usual, dbt_opsplugin._config('warehouse_sizes')] %}
        {%- for name, settings in sizes.items() %}
            {%- if name not in names %}
                {%- do names.append(name) %}
            {%- endif %}
            {%- if dbt_opsplugin._size_key(name) == key %}
                {%- do found.update({'name': name, 'settings': settings}) %}
            {%- endif %}
        {%- endfor %}
    {%- endfor %}
    {%- if not found %}
        {%- do dbt_opsplugin._fail(
            macro, 'size ' ~ size ~ ' is not known',
            'did you mean ' ~ dbt_opsplugin._nearest(size | string, names) ~ '? Sizes: '
            ~ names | join(', ') ~ ' (add your own by the var opsplugin_warehouse_sizes)'
        ) %}
    {%- endif %}
    {%- set settings = found['settings'] %}
    {%- set known = adapter.dispatch('warehouse_settings', 'dbt_opsplugin')() %}
    {%- if for_this_engine or settings is not mapping or not settings or settings | select('in', known) | list %}
        {%- do dbt_opsplugin._validate_warehouse_settings(found['name'], settings) %}
    {%- endif %}
    {%- do return(found) %}
{%- endmacro %}


{% macro _size_key(name) %}
    {#- X-LARGE, XLARGE and x_large are one size, as Snowflake has it; so are XXLARGE, X2LARGE
        and 2X-LARGE. -#}
    {%- set key = (name | string | upper).replace('-', '').replace('_', '').replace(' ', '') %}
    {%- for spelling, count in [('X{2}', '2'), ('X{3}', '3'), ('X([2-6])', '\\1')] %}
        {%- if modules.re.match('^' ~ spelling ~ 'LARGE$', key) %}
            {%- do return(modules.re.sub('^' ~ spelling ~ 'LARGE$', count ~ 'XLARGE', key)) %}
        {%- endif %}
    {%- endfor %}
    {%- do return(key) %}
{%- endmacro %}
