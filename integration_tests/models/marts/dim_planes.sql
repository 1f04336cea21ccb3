select
    planes.*,
    history.dbt_valid_from as registered_at
from {{ ref('stg_planes') }} as planes
left join {{ ref('planes_history') }} as history
    on planes.tail_number = history.tailnum
    and history.dbt_valid_to is null
