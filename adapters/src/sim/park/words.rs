//! The words a park's platform is filled with: places, people, troubles. All invented.

use super::super::dice::Dice;

pub(in crate::sim) const FIRMS: &[&str] = &[
    "海棠", "玉兰", "紫薇", "青松", "金桂", "白杨", "银杏", "石榴", "芙蓉", "翠竹", "红枫", "丁香", "木槿",
    "茉莉", "百合", "腊梅",
];
pub(in crate::sim) const TRADES: &[&str] = &["化工", "新材料", "精细化学品", "石化", "气体", "涂料"];
/// Counties of 濮阳, GB/T 2260.
pub(in crate::sim) const REGIONS: &[&str] = &["410902", "410922", "410923", "410926", "410927", "410928"];
pub(in crate::sim) const OBJECTS: &[&str] =
    &["甲醇罐区", "液氨储罐区", "加氢装置", "环氧乙烷装置", "聚合车间", "丙烯球罐区", "硫化氢处理装置"];
pub(in crate::sim) const UNITS: &[&str] = &[
    "中间罐区",
    "装卸区",
    "锅炉房",
    "循环水站",
    "压缩机厂房",
    "精馏塔区",
    "变配电室",
    "危化品库房",
    "反应釜区",
    "污水处理站",
];
pub(in crate::sim) const DEPARTMENTS: &[&str] =
    &["生产部", "储运部", "设备部", "安全环保部", "动力车间", "合成一车间"];
pub(in crate::sim) const EVENTS: &[&str] =
    &["泄漏", "火灾爆炸", "中毒和窒息", "灼烫", "容器爆炸", "触电", "高处坠落", "机械伤害"];
pub(in crate::sim) const CONTENTS: &[&str] = &[
    "检查液位计、压力表是否完好并在检定有效期内",
    "检查安全阀、爆破片是否完好，铅封是否齐全",
    "检查可燃气体报警器是否正常投用",
    "检查机泵密封、振动和温度是否正常",
    "检查静电接地、跨接是否可靠",
    "检查操作人员是否持证上岗",
    "检查消防水炮、泡沫罐是否处于备用状态",
];
pub(in crate::sim) const MEASURES: &[&str] = &[
    "设置高低液位报警及联锁，超限自动切断进料",
    "安全阀定期校验并建立台账",
    "设置可燃、有毒气体检测报警系统",
    "严格执行操作规程和交接班制度",
    "配备正压式空气呼吸器并定期检查",
    "编制现场处置方案并每半年演练",
];
/// classify1 and classify2 as the platform labels them: the second carries the first, for “其它” alone names four.
pub(in crate::sim) const CLASSES: &[(&str, &str)] = &[
    ("工程技术", "工程技术-工艺控制"),
    ("工程技术", "工程技术-关键设备/部件"),
    ("工程技术", "工程技术-安全附件"),
    ("工程技术", "工程技术-安全仪表"),
    ("维护保养", "维护保养-动设备"),
    ("维护保养", "维护保养-静设备"),
    ("操作行为", "操作行为-人员资质"),
    ("操作行为", "操作行为-交接班"),
    ("应急措施", "应急措施-应急设施"),
    ("应急措施", "应急措施-消防设施"),
    ("应急措施", "应急措施-应急预案"),
];
pub(in crate::sim) const TROUBLES: &[(&str, &str)] = &[
    ("安全阀校验过期", "设备"),
    ("可燃气体报警器示值漂移", "仪表"),
    ("压力表无检定标识", "仪表"),
    ("法兰静电跨接线脱落", "电气"),
    ("灭火器压力不足", "消防"),
    ("机械密封滴漏", "设备"),
    ("联锁旁路未办理审批", "工艺"),
    ("安全通道被物料占用", "安全"),
    ("防爆接线盒缺少螺栓", "电气"),
    ("围堰排水阀未关闭", "工艺"),
];
pub(in crate::sim) const REASONS: &[&str] = &["维护不到位", "巡检流于形式", "备件未及时到货", "交接班未说明"];
pub(in crate::sim) const SOURCES: &[&str] =
    &["日常排查", "综合性排查", "专业性排查", "季节性排查", "管控措施失效", "其他"];
pub(in crate::sim) const LINKS: &[&str] = &["仓储", "使用操作", "维护保养", "维修", "开停车"];
pub(in crate::sim) const MANAGED: &[&str] = &["人的不安全行为", "物的不安全状态", "管理上的缺陷"];
pub(in crate::sim) const STOPS: &[&str] = &["年度检维修", "催化剂更换", "市场原因停车", "仪表改造"];
pub(in crate::sim) const SURNAMES: &[&str] =
    &["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "郭", "宋"];
pub(in crate::sim) const GIVEN: &[&str] =
    &["建国", "秀英", "志强", "海燕", "伟", "敏", "国庆", "晓明", "玉梅", "洪涛", "丽", "军"];

/// A name of nobody in particular.
pub(in crate::sim) fn person(dice: &mut Dice) -> String {
    format!("{}{}", dice.pick(SURNAMES), dice.pick(GIVEN))
}

/// A mobile number of the right form.
pub(in crate::sim) fn mobile(dice: &mut Dice) -> String {
    format!("1380000{:04}", dice.below(10_000))
}
