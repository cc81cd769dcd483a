//! A forest in the form in which XGBoost saves its models: it is read, checked and scored as they are, and Python's
//! xgboost loads it.

use millrace_forest::{Forest, Node, Tree};

/// The version of XGBoost whose form this is.
const VERSION: [i32; 3] = [3, 4, 1];
/// What XGBoost writes for the parent of a root.
const NO_PARENT: i32 = i32::MAX;

/// `model.ubj`: all trees are one round.
pub fn to_ubj(forest: &Forest) -> Vec<u8> {
    let mut out = Writer(Vec::new());
    out.object(|out| {
        out.key("learner").object(|out| learner(out, forest));
        out.key("version").untyped(&VERSION);
    });
    out.0
}

fn learner(out: &mut Writer, forest: &Forest) {
    out.key("attributes").object(|_| {});
    out.key("feature_names").texts(forest.feature_names());
    out.key("feature_types").texts(&[]);
    out.key("gradient_booster").object(|out| {
        out.key("model").object(|out| model(out, forest));
        out.key("name").text("gbtree");
    });
    out.key("learner_model_param").object(|out| {
        out.key("base_score")
            .text(&format!("[{:E}]", forest.base_margin()));
        out.key("boost_from_average").text("0");
        out.key("num_class").text("0");
        out.key("num_feature")
            .text(&forest.feature_count().to_string());
        out.key("num_target").text("1");
    });
    out.key("objective").object(|out| {
        out.key("name").text("reg:squarederror");
        out.key("reg_loss_param")
            .object(|out| out.key("scale_pos_weight").text("1"));
    });
}

fn model(out: &mut Writer, forest: &Forest) {
    let count = forest.trees().len();
    out.key("cats").object(|out| {
        out.key("enc").texts(&[]);
        out.key("feature_segments").integers([]);
        out.key("sorted_idx").integers([]);
    });
    out.key("gbtree_model_param").object(|out| {
        out.key("num_parallel_tree").text(&count.to_string());
        out.key("num_trees").text(&count.to_string());
    });
    out.key("iteration_indptr").untyped(&[0, count as i32]);
    out.key("tree_info").untyped(&vec![0; count]);
    out.key("trees").list(count);
    for (number, tree) in forest.trees().iter().enumerate() {
        out.object(|out| write_tree(out, tree, number, forest.feature_count()));
    }
}

fn write_tree(out: &mut Writer, tree: &Tree, number: usize, columns: usize) {
    let nodes = tree.nodes();
    let split = |of: fn(u32, bool, u32, u32) -> i32, leaf: i32| {
        let value = move |node: &Node| match *node {
            Node::Leaf { .. } => leaf,
            Node::Split {
                feature,
                missing_left,
                left,
                right,
                ..
            } => of(feature, missing_left, left, right),
        };
        nodes.iter().map(value)
    };
    let condition = |node: &Node| match *node {
        Node::Leaf { value } => value,
        Node::Split { threshold, .. } => threshold,
    };
    out.key("base_weights")
        .floats(nodes.iter().map(|node| match *node {
            Node::Leaf { value } => value,
            Node::Split { .. } => 0.0,
        }));
    for name in ["categories", "categories_nodes"] {
        out.key(name).integers([]);
    }
    for name in ["categories_segments", "categories_sizes"] {
        out.key(name).longs_of_none();
    }
    out.key("default_left")
        .bytes(split(|_, missing_left, _, _| i32::from(missing_left), 0).map(|left| left as u8));
    out.key("id").integer(number as i32);
    out.key("left_children")
        .integers(split(|_, _, left, _| left as i32, -1));
    out.key("loss_changes").floats(nodes.iter().map(|_| 0.0));
    out.key("parents").integers(parents(nodes));
    out.key("right_children")
        .integers(split(|_, _, _, right| right as i32, -1));
    out.key("split_conditions")
        .floats(nodes.iter().map(condition));
    out.key("split_indices")
        .integers(split(|feature, _, _, _| feature as i32, 0));
    out.key("split_type").bytes(nodes.iter().map(|_| 0));
    out.key("sum_hessian").floats(tree.cover().iter().copied());
    out.key("tree_param").object(|out| {
        out.key("num_deleted").text("0");
        out.key("num_feature").text(&columns.to_string());
        out.key("num_nodes").text(&nodes.len().to_string());
        out.key("size_leaf_vector").text("1");
    });
}

fn parents(nodes: &[Node]) -> Vec<i32> {
    let mut parents = vec![NO_PARENT; nodes.len()];
    for (index, node) in nodes.iter().enumerate() {
        if let Node::Split { left, right, .. } = *node {
            parents[left as usize] = index as i32;
            parents[right as usize] = index as i32;
        }
    }
    parents
}

/// UBJSON, as far as XGBoost uses it: numbers have their highest byte first.
struct Writer(Vec<u8>);

impl Writer {
    fn count(&mut self, count: usize) {
        self.0.push(b'L');
        self.0.extend((count as i64).to_be_bytes());
    }

    fn word(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend(text.as_bytes());
    }

    fn key(&mut self, name: &str) -> &mut Writer {
        self.word(name);
        self
    }

    fn object(&mut self, fields: impl FnOnce(&mut Writer)) {
        self.0.push(b'{');
        fields(self);
        self.0.push(b'}');
    }

    fn text(&mut self, text: &str) {
        self.0.push(b'S');
        self.word(text);
    }

    fn integer(&mut self, value: i32) {
        self.0.push(b'l');
        self.0.extend(value.to_be_bytes());
    }

    /// The beginning of a list of so many values; what follows needs no end.
    fn list(&mut self, count: usize) {
        self.0.extend(b"[#");
        self.count(count);
    }

    /// Whole numbers whose list says no type: some lists XGBoost takes in no other form.
    fn untyped(&mut self, values: &[i32]) {
        self.list(values.len());
        values.iter().for_each(|value| self.integer(*value));
    }

    fn texts(&mut self, texts: &[String]) {
        self.list(texts.len());
        texts.iter().for_each(|text| self.text(text));
    }

    fn typed<const N: usize>(&mut self, kind: u8, values: impl IntoIterator<Item = [u8; N]>) {
        let bytes: Vec<u8> = values.into_iter().flatten().collect();
        self.0.extend([b'[', b'$', kind, b'#']);
        self.count(bytes.len() / N);
        self.0.extend(bytes);
    }

    fn integers(&mut self, values: impl IntoIterator<Item = i32>) {
        self.typed(b'l', values.into_iter().map(i32::to_be_bytes));
    }

    fn longs_of_none(&mut self) {
        self.typed::<8>(b'L', []);
    }

    fn floats(&mut self, values: impl IntoIterator<Item = f32>) {
        self.typed(b'd', values.into_iter().map(f32::to_be_bytes));
    }

    fn bytes(&mut self, values: impl IntoIterator<Item = u8>) {
        self.typed(b'U', values.into_iter().map(|value| [value]));
    }
}
